// AWS call limits. Durations are in milliseconds.

/** The pause before the first repetition is at most this, and twice as long before each further one. */
export const RETRY_BASE_MS = 50;
/** Before the repetition of what was throttled: the service asks for less. */
export const THROTTLED_RETRY_BASE_MS = 200;
export const RETRY_CAP_MS = 2_000;

/**
 * Repetitions that a client may have ahead of its successes, so that thousands of calls do not each repeat against a
 * service that is down: as the SDK's standard retry mode counts, in calls.
 */
export const RETRY_QUOTA = 100;

/** How far this machine's clock may be from the service's before its own signatures are corrected: AWS allows five minutes. */
export const MAX_CLOCK_SKEW_MS = 240_000;

/** How long before their end temporary credentials are asked for again. */
export const CREDENTIALS_RENEWAL_MS = 300_000;
export const CREDENTIALS_TIMEOUT_MS = 1_000;

/** Of an answer; DynamoDB's largest page is 1 MB, a transaction's refusal 4 MB. */
export const MAX_ANSWER_BYTES = 16_000_000;
