// Archive limits
//
// What one attempt of an archive holds at most, whatever the records are: together with the
// reader and Node.js itself it stays below 256 MB in a function of 512 MiB.

/** Of every part but an object's last, in bytes: somewhat above the least that S3 takes. */
export const PART_BYTES = 6_291_456;

/** Parts that are under way at once; whoever writes waits for one of them before more. */
export const MAX_PARTS_IN_FLIGHT = 2;

/** What parts are made of, in bytes: a small object holds one. */
export const PART_BLOCK_BYTES = 262_144;
/** How many of them are kept to be used again: those of the parts that are under way, and of one in the making. */
export const MAX_KEPT_PART_BLOCKS = ((MAX_PARTS_IN_FLIGHT + 1) * PART_BYTES) / PART_BLOCK_BYTES;

/**
 * Objects that are open at once: one per bucket of time that a range has records of. Beyond it what was written is
 * committed, and new objects begin: late records make small objects, but never more memory.
 */
export const MAX_OPEN_OBJECTS = 48;

/** What open objects hold that cannot be sent yet, in bytes; beyond it row groups end early, and then a commit is due. */
export const MAX_BUFFERED_BYTES = 67_108_864;

/** What a memo may grow to before a commit is due, in bytes: some room below what the ledger keeps (MAX_MEMO_BYTES). */
export const FULL_MEMO_BYTES = 28_000;
/** What an object, with the id of its upload, and each of its parts take of a memo beside the key, in bytes. */
export const MEMO_BYTES_PER_OBJECT = 320;
export const MEMO_BYTES_PER_PART = 60;

/** What is compressed and digested at once of lines, in bytes. */
export const BLOCK_BYTES = 524_288;
/** Blocks that are kept to be used again: one that is filled while another is compressed. */
export const MAX_KEPT_BLOCKS = 2;
/** What an object's first block is, in bytes: a bucket of few late records costs no more. */
export const FIRST_BLOCK_BYTES = 16_384;
/** What is given out at once of compressed lines, in bytes. */
export const COMPRESSED_PIECE_BYTES = 131_072;

/** Of a block of an Avro file, before compression, in bytes: a reader holds one. */
export const AVRO_BLOCK_BYTES = 262_144;

/** Of a Parquet file's row group, before compression, in bytes. */
export const ROW_GROUP_BYTES = 8_388_608;
export const MAX_ROW_GROUP_BYTES = 33_554_432;
/** Of a page, before compression, in bytes. */
export const PAGE_BYTES = 1_048_576;
/**
 * What is kept of pages whose row groups are written, to be used again, in bytes, whatever the number of open objects:
 * a row group's pages have up to twice its bytes, and have grown through as much once more.
 */
export const MAX_KEPT_PAGE_BYTES = 2 * ROW_GROUP_BYTES;
/** A row group that is smaller does not end early, in bytes: it would cost more in the file than it frees. */
export const MIN_SPILL_BYTES = 1_048_576;

/** Objects that are completed, or looked at, at once. */
export const MAX_CONCURRENT_SETTLES = 8;
/** How often an upload is completed again while its key is being written by somebody else, and the longest pause between, in milliseconds. */
export const MAX_SETTLE_TRIES = 5;
export const SETTLE_PAUSE_MS = 200;
