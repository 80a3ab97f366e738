// SQS limits. Durations are in milliseconds.

/** One try of sending a dead letter, and how many there are. */
export const SQS_TIMEOUT_MS = 2_000;
export const SQS_MAX_TRIES = 3;
