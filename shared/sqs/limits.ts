// SQS limits. Durations are in milliseconds.

/** One try of sending a dead letter, and how many there are. */
export const SQS_TIMEOUT_MS = 2_000;
export const SQS_MAX_TRIES = 3;
/** A processor sends its letters one after the other. */
export const SQS_MAX_SOCKETS = 4;

/** Messages of one request: what SQS takes at most. */
export const SQS_BATCH_MESSAGES = 10;
/** In seconds: how long a message is out of sight where a look is killed before it puts it back. */
export const SQS_LOOK_SECONDS = 300;
/** Answers in a row with nothing but what was seen already, of a look that takes longer than that. */
export const SQS_MAX_STALE_LOOKS = 10;
