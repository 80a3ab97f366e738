// Limits of S3. Durations are in milliseconds.

/** One try of a call, and how many there are. */
export const S3_TIMEOUT_MS = 5_000;
export const S3_MAX_TRIES = 3;
export const S3_MAX_SOCKETS = 16;

/** Keys of one page of a listing: what S3 gives at most. */
export const S3_PAGE_KEYS = 1_000;

/** Of an object that one letter is: the largest record that Kafka takes unless told otherwise is 1 MB, in base64. */
export const S3_MAX_LETTER_BYTES = 12_000_000;
