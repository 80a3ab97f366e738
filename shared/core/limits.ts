// Limits
//
// Every bound of a loop, wait, buffer or payload, with its unit and where the
// number comes from. Durations are in milliseconds, sizes in bytes.

/** DynamoDB's TransactWriteItems takes 100 actions; one of them is the range record itself. */
export const MAX_OUTPUTS_PER_COMMIT = 99;

/**
 * Records that forEach works on side by side, and how many more it reads ahead of the lowest that is not done, for each of
 * them: a slow one holds its commit up, not the others. All that wait have at most so many bytes; one always fits.
 */
export const MAX_RECORD_CONCURRENCY = 1_000;
export const RECORDS_AHEAD_PER_PLACE = 64;
export const MAX_BYTES_AHEAD = 33_554_432;

/** How long what forEach has done waits for a commit, in ms: some cents a day where one range after the other is long. */
export const DEFAULT_COMMIT_INTERVAL_MS = 5_000;
export const MAX_COMMIT_INTERVAL_MS = 900_000;

/** What an output keeps with its position, in ASCII characters; Kafka keeps 4,096 with an offset (offset.metadata.max.bytes). */
export const MAX_PROGRESS_LENGTH = 512;

/**
 * What an output has the ledger remember of work that it has prepared, or that took effect, in UTF-8 bytes. A receipt has no more than
 * a memo; a range that may have no room for one more is cut where it is committed. An item takes 400 KB.
 */
export const MAX_MEMO_BYTES = 32_768;
export const MAX_RECEIPTS_BYTES = 262_144;

/** SQS takes messages of 1 MiB; a dead letter's payload is cut so that the whole message stays below. */
export const MAX_DEAD_LETTER_BYTES = 1_000_000;

/** A stack in a dead letter, its causes included, is cut here, in characters: some forty frames. */
export const MAX_LETTER_STACK_LENGTH = 4_000;

/** Records that the pipeline's code may reject between two commits: their offsets are kept until then. */
export const MAX_UNCOMMITTED_REJECTS = 10_000;

/**
 * What a range keeps of which offsets it rejected, in bytes (offset-list.ts). One that may have no room for what a commit adds is
 * cut where it is committed: at most `MAX_UNCOMMITTED_REJECTS` of three bytes each, where fewer than a million offsets lie between
 * them. With work that is prepared, which has a list of its own, and receipts an item stays below its 400 KB.
 */
export const MAX_REJECTED_BYTES = 49_152;
export const MAX_COMMIT_REJECTED_BYTES = 32_768;

/** Of those the first, whose letters say which line of the code rejected them: a stack takes a tenth of a millisecond. */
export const MAX_REJECT_STACKS = 100;

/** Attempts at half of a range in which a bad record is looked for, and at a length that did not fit the time. */
export const ATTEMPTS_PER_SEARCH_STEP = 1;
export const ATTEMPTS_PER_LENGTH = 2;

/** Attempts at a record alone, at most `maxAttempts`, that is corrupt or has too many outputs, before it is given up. */
export const ATTEMPTS_BEFORE_GIVING_UP = 3;

/**
 * Attempts in a row that fail for the surroundings' sake before a range halts. With their back-off (equal jitter, capped
 * at five minutes) at least an hour and a quarter, and twice that at most.
 */
export const DEFAULT_MAX_OUTAGE_ATTEMPTS = 40;

/** Attempts, searches for bad records included, that one invocation makes at its range. */
export const MAX_ATTEMPTS_PER_INVOCATION = 1_000;

/** Wrapped errors that are looked through for what went wrong. */
export const MAX_ERROR_CAUSES = 8;

/** Of `ranges verify`: nearly two years. */
export const MAX_STUCK_AFTER_MINUTES = 999_999;

/** Errors that are copied of one error that holds others, side by side or as causes. */
export const MAX_COPIED_ERRORS = 1_000;

/** Partitions that one scheduler run plans; 10,000 fit the run's five seconds (bench:scheduler). */
export const MAX_PARTITIONS = 20_000;

/** Pieces that one choice of offsets is split into. */
export const MAX_SPLIT_RANGES = 100_000;

/** Ranges of one partition that are planned at a time by their length, without order: each is an invocation. */
export const MAX_RANGES_PER_GROUP = 100n;

/** Lines of one kind, each about a partition, that one scheduler run logs. */
export const MAX_LOGGED_PARTITIONS = 100;

/** Partitions, requests and ranges that the scheduler's answer lists: 10,000 are some 2 MB of Lambda's 6. */
export const MAX_ANSWERED_PARTITIONS = 100;
export const MAX_ANSWERED_RANGES = 10_000;

/** Partitions of one scheduler run whose records the ledger may fail to give: throttled ones, not an outage. */
export const MAX_UNREAD_CHAINS = 100;
/** How long after a topic's end, in ms, a run of before may plan something of it: far beyond a Lambda's 15 minutes. */
export const ENDED_TOPIC_WATCH_MS = 3_600_000;

/** Calls of the ledger that one scheduler run has in flight: 10,000 of 5 ms take 0.4 s, less than they need of CPU. */
export const MAX_CONCURRENT_LEDGER_CALLS = 128;

/** How long a pipeline's own strategy may take in each run; the scheduler has a minute for all it does. */
export const STRATEGY_TIMEOUT_MS = 10_000;

/** Chains that are read whole at once to verify them: a month of a busy one is some 40,000 records. */
export const MAX_CONCURRENT_CHAINS = 16;

/** Listings of offsets by timestamp under way, each one request to every broker: there is one for each timestamp. */
export const MAX_CONCURRENT_LISTINGS = 8;

/** How long a drain that is done looks what became of its offsets; the scheduler has a minute for all it does. */
export const DRAIN_ACCOUNT_MS = 20_000;

/** Invocations that one scheduler run has in flight. */
export const MAX_CONCURRENT_DISPATCHES = 64;

/** Within which all dispatches of one run start: half of the shortest interval, and of the scheduler's time. */
export const MAX_DISPATCH_SPREAD_MS = 30_000;

/** Within which the dispatches of a run start that keep to a strict rate; later ones are left to the next run. */
export const MAX_STRICT_SPREAD_MS = 45_000;

/** Tries of one ledger write whose record keeps changing under it, before it gives up as unavailable. */
export const MAX_CHANGE_TRIES = 8;

/** One request to the ledger, and the body of its answer. DynamoDB answers within some tens of milliseconds. */
export const LEDGER_CONNECT_TIMEOUT_MS = 500;
export const LEDGER_REQUEST_TIMEOUT_MS = 1_000;
export const LEDGER_REQUEST_ATTEMPTS = 3;

/** First full-jitter back-off after a failed attempt, and its cap. */
export const ATTEMPT_BACKOFF_BASE_MS = 1_000;
export const ATTEMPT_BACKOFF_CAP_MS = 300_000;

/**
 * Part of the processor's time-out that a range is planned to take. Of the shortest time-out, 10 seconds,
 * it is less than what `DEADLINE_MARGIN_MS` leaves.
 */
export const PROCESSOR_TIME_SHARE = 0.6;

/** Part of its time that a range is sized to fill: what is left takes the jitter of its pace. */
export const SIZE_HEADROOM = 0.9;

/** How much larger or smaller one range makes the next: growth is tried out, an overrun is answered at once. */
export const MAX_SIZE_GROWTH = 4n;
export const MAX_SIZE_SHRINK = 10n;

/** How long a lease outlives the invocation that holds it: room for clock skew between hosts. */
export const LEASE_MARGIN_MS = 10_000;

/**
 * When handing back begins although the pipeline's code has not returned: one write whose
 * answer gets lost, and its repetition on a new connection, end before the invocation does.
 */
export const LAST_CALL_MARGIN_MS = 2 * LEDGER_REQUEST_TIMEOUT_MS + LEDGER_CONNECT_TIMEOUT_MS;

/** What a processor keeps back of its time: the pipeline's code gets the rest of it to commit. */
export const DEADLINE_MARGIN_MS = LAST_CALL_MARGIN_MS + 1_500;

/** How long a service may take to accept a connection where a function starts; in its region it takes milliseconds. */
export const ENDPOINT_TIMEOUT_MS = 2_000;
/** How long a run may take to tell a group how far the pipeline is, beside what it plans; it has a minute for all it does. */
export const GROUP_COMMIT_MS = 10_000;

/** How long a scheduler believes that the group still has what it told it, before it reads it again. */
export const GROUP_CHECK_MS = 300_000;

/** How often a scheduler looks for open transactions: one more ListOffsets per broker each time. */
export const TRANSACTION_CHECK_MS = 300_000;

/** Partitions whose open transactions it asks about each time: brokers answer with every producer of a day. */
export const MAX_TRANSACTIONS_NAMED = 100;

/** Part of an attempt's time from which on a broker's quota, not the range, is why it did not get done. */
export const THROTTLED_TIME_SHARE = 0.5;

/** An error's message in the ledger is cut here, so that an item stays below one write unit. */
export const MAX_ERROR_MESSAGE_LENGTH = 240;

/** An operator's name and reason in the ledger are cut here, in characters; a role's session ARN fits the name. */
export const MAX_OPERATOR_NAME_LENGTH = 128;
export const MAX_OPERATOR_REASON_LENGTH = 160;

/** Reasons that one pause keeps: each has its own name, and some 300 bytes of the pipeline's item at most. */
export const MAX_PAUSE_REASONS = 10;

/** Ranges that one command changes at once: some 3,000 writes of 5 ms a second, and an on-demand table begins with 4,000. */
export const MAX_CONCURRENT_ACTS = 16;

/** Letters that one reprocess request of `ranges dead-letters redrive` has: its item stays far below DynamoDB's 400 KB. */
export const MAX_REDRIVEN_LETTERS = 1_000;

/** Scheduler invocations at a time that look which of a refused request's letters are to blame. */
export const MAX_CONCURRENT_LOOKS = 4;

/** How far before an offset the range that covers it is looked for: most are found at once, the longest has ten million. */
export const RANGE_SEARCH_OFFSETS: readonly bigint[] = [1_000n, 100_000n, 10_000_000n];

/** Ranges of one command between two lines about its progress. */
export const ACTS_PER_PROGRESS_LINE = 1_000;

/** Ranges of one reprocess request that are open at a time, unless it says otherwise: little beside Lambda's 1,000. */
export const DEFAULT_MAX_CONCURRENT_RANGES = 16;

/** What it may say: all of them are dispatched by one scheduler run. */
export const MAX_CONCURRENT_RANGES = 1_000;

/** One invocation of the scheduler that is waited for: its time-out of a minute, and room to answer. */
export const SCHEDULER_INVOKE_TIMEOUT_MS = 70_000;

/** How often `ranges reprocess --wait` looks, and how many looks in a row may fail. */
export const REPROCESS_POLL_MS = 2_000;
export const MAX_FAILED_POLLS = 5;

/** One request to Secrets Manager, and how often it is tried: well within the time for opening a connection. */
export const SECRETS_TIMEOUT_MS = 3_000;
export const SECRETS_MAX_TRIES = 2;

/** How long after a batch began a run of the scheduler may still plan something of it, in ms: it has a minute, and clocks differ. */
export const BATCH_SETTLED_MS = 300_000;

/** How long the table keeps a closed range at least, in ms: a week, of the construct's `retention` and of what an operator skips. */
export const LEAST_RETENTION_MS = 604_800_000;

/** How far back the writer of batch manifests looks at first, and at most, in ms: the table forgets no closed range within a week. */
export const MANIFESTS_FIRST_LOOK_BACK_MS = 86_400_000;
export const MANIFESTS_LOOK_BACK_MS = 518_400_000;

/** Batches that it reads at a time, by when they began, in ms: of 10,000 partitions and minutes some 100,000 ranges. */
export const MANIFESTS_WINDOW_MS = 600_000;

/** Times that it does so in one run: a day of them. */
export const MAX_MANIFEST_WINDOWS = 144;

/** Batches that wait for a range: some 200 bytes each of one item, and one read each of a run. */
export const MAX_WAITING_BATCHES = 1_000;
