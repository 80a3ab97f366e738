// Limits of S3. Durations are in milliseconds.

/** One try of a call, and how many there are. */
export const S3_TIMEOUT_MS = 5_000;
export const S3_MAX_TRIES = 3;
export const S3_MAX_SOCKETS = 16;

/** One try of a call that carries a part, or that makes an object of its parts: S3 may take minutes for ten thousand of them. */
export const S3_UPLOAD_TIMEOUT_MS = 60_000;
/** Tries of each call that an upload needs. */
export const S3_UPLOAD_MAX_TRIES = 5;

/** What S3 takes: parts of an upload, bytes of each part but the last, bytes of a key in UTF-8. */
export const S3_MAX_PARTS = 10_000;
export const S3_MIN_PART_BYTES = 5_242_880;
export const S3_MAX_KEY_BYTES = 1_024;

/** Keys of one page of a listing: what S3 gives at most. */
export const S3_PAGE_KEYS = 1_000;

/** Of an object that one letter is: the largest record that Kafka takes unless told otherwise is 1 MB, in base64. */
export const S3_MAX_LETTER_BYTES = 12_000_000;

/** Objects that a command looks at, at once, each with a part in memory if it reads it, and how many there are between two lines of progress. */
export const MAX_CONCURRENT_LOOKS = 8;
export const OBJECTS_BETWEEN_NOTES = 1_000;
