// DynamoDB limits
//
// What DynamoDB takes, and how the ledger asks it. Durations are in milliseconds, sizes in
// bytes. How long one call may take is in core/limits.ts: an invocation's last call hangs on it.

/** DynamoDB's own: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html. */
export const DYNAMODB_LIMITS = {
  itemBytes: 409_600,
  partitionKeyBytes: 2_048,
  sortKeyBytes: 1_024,
  digits: 38,
} as const;

/** DynamoDB takes 4 MB in one transaction; what the range record and the encoding add is the difference. */
export const MAX_COMMIT_BYTES = 4_000_000;

/** An item may hold 400 KB, names included: a pipeline's record, or a reprocess request with all its ranges. */
export const MAX_ITEM_BYTES = 400_000;

/** What one write unit holds; a range record is kept within it. */
export const WRITE_UNIT_BYTES = 1_024;

/** Where an attribute value counts as one without an end: DynamoDB takes 32 levels, and counts them itself. */
export const MAX_ATTRIBUTE_DEPTH = 40;

/** Tables of one commit whose keys are asked for after a refusal, all at once. */
export const MAX_DESCRIBED_TABLES = 4;

/** Pages of 1 MB that one listing of the ledger reads: far beyond any chain that a table's retention leaves. */
export const MAX_QUERY_PAGES = 100_000;

/** Full-jitter wait before a ledger write is tried again that another transaction was in the way of, and its cap. */
export const CONTENTION_BACKOFF_BASE_MS = 25;
export const CONTENTION_BACKOFF_CAP_MS = 400;

/** Connecting, and one call, of `ranges`, from wherever it runs: over a VPN, through a proxy, a page of 1 MB over a slow line. */
export const REMOTE_CONNECT_TIMEOUT_MS = 10_000;
export const REMOTE_REQUEST_TIMEOUT_MS = 30_000;
