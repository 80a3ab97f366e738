// Limits
//
// Every bound of a loop, wait, buffer or payload, with its unit and where the
// number comes from. Durations are in milliseconds, sizes in bytes.

/** DynamoDB's TransactWriteItems takes 100 actions; one of them is the range record itself. */
export const MAX_OUTPUTS_PER_COMMIT = 99;

/** An item may hold 400 KB; the rest of a reprocess request's item stays far below the difference. */
export const MAX_REQUEST_BYTES = 350_000;

/** Lambda's asynchronous payload limit is 1 MB; a dispatched range needs about 1 KB. */
export const MAX_DISPATCH_BYTES = 256_000;

/** Partitions that one scheduler run plans; 10,000 fit the run's five seconds (bench:scheduler). */
export const MAX_PARTITIONS = 20_000;

/** Reads of the ledger that one scheduler run has in flight. */
export const MAX_CONCURRENT_LEDGER_CALLS = 64;

/** Invocations that one scheduler run has in flight. */
export const MAX_CONCURRENT_DISPATCHES = 64;

/** Tries of one ledger write whose record keeps changing under it, before it gives up as unavailable. */
export const MAX_CHANGE_TRIES = 8;

/** First full-jitter back-off after a failed attempt, and its cap. */
export const ATTEMPT_BACKOFF_BASE_MS = 1_000;
export const ATTEMPT_BACKOFF_CAP_MS = 300_000;

/** How long a lease outlives the invocation that holds it: room for clock skew between hosts. */
export const LEASE_MARGIN_MS = 10_000;

/** What a processor keeps back of its time to commit and hand back the rest. */
export const DEADLINE_MARGIN_MS = 3_000;

/** When handing back begins although the pipeline's code has not returned: two ledger writes fit in it. */
export const LAST_CALL_MARGIN_MS = 1_500;

/** One try of an asynchronous Invoke, which answers within milliseconds, and how many there are. */
export const LAMBDA_TIMEOUT_MS = 5_000;
export const LAMBDA_MAX_TRIES = 3;

/** An error's message in the ledger is cut here, so that an item stays below one write unit. */
export const MAX_ERROR_MESSAGE_LENGTH = 240;
