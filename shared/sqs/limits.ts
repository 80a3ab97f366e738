// SQS limits. Durations are in milliseconds.

/** One try of sending a dead letter, and how many there are. */
export const SQS_TIMEOUT_MS = 2_000;
export const SQS_MAX_TRIES = 3;
/** A processor sends its letters one after the other. */
export const SQS_MAX_SOCKETS = 4;
