// Limits of the Kafka adapter
//
// Durations are in milliseconds, sizes in bytes.

/** TCP, TLS, ApiVersions and SASL together; a healthy broker needs well below one second. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** One call from sent to answered: half of the progress time-out, so that a silent broker leaves time for another try. */
export const REQUEST_TIMEOUT_MS = 15_000;

/** How long a read waits for its position to move before it fails. */
export const PROGRESS_TIMEOUT_MS = 30_000;

/** One fetch: as fast as 4 MiB on loopback at half the memory (two fetches are in hand). */
export const FETCH_MAX_BYTES = 1_048_576;

/** What the broker waits for before it answers a fetch: whatever there is. */
export const FETCH_MIN_BYTES = 1;

/** How long the broker may hold a fetch that it cannot answer yet. */
export const FETCH_MAX_WAIT_MS = 500;

/** A response's frame: the largest record batch a broker can store is 2 GiB, but no Lambda holds that. */
export const MAX_RESPONSE_BYTES = 536_870_912;

/** What one record batch may expand to: room for a record of 50 MB and a bound for a decompression bomb. */
export const MAX_DECOMPRESSED_BATCH_BYTES = 268_435_456;

/** How long a leader waits for its replicas to have a record, below the time of the request itself. */
export const PRODUCE_TIMEOUT_MS = 10_000;

/** Full-jitter back-off between two tries of one fetch or lookup. */
export const RETRY_BASE_MS = 50;
export const RETRY_CAP_MS = 1_000;

/** How long a read stays with a closer replica, or with the leader after one failed: Java's metadata.max.age. */
export const REPLICA_CHOICE_MS = 300_000;

/** Tries of one offset lookup; with the back-off above, about three seconds. */
export const MAX_LOOKUP_TRIES = 6;

/**
 * Connections in a row that end as those to a listener of another kind do, before a read gives up: with the back-off
 * above in less than two seconds. What is tried again later is the whole range, with its own back-off.
 */
export const MAX_UNSUITED_TRIES = 6;

/** Metadata answers that must agree that a topic is missing or re-created: brokers learn of topics one by one. */
export const MAX_MISSING_TOPIC_TRIES = 4;

/**
 * A connection that was idle for longer is not trusted: a NAT gateway forgets it after 350 s, the broker closes it after
 * ten minutes. Longer than the batch interval, so that a warm function opens none.
 */
export const MAX_IDLE_MS = 300_000;

/** Connections that one client keeps, those in use among them: Spark's `spark.kafka.consumer.cache.maxCapacity`. */
export const CONSUMER_CACHE_MAX_CAPACITY = 64;

/** Brokers' addresses that are remembered with who told them; beyond it they are forgotten and told anew. */
export const MAX_ADVERTISED_ADDRESSES = 10_000;

/** A connection is replaced after this, so that reads follow changed addresses and credentials. */
export const MAX_CONNECTION_AGE_MS = 600_000;

/** How much of a SASL session's lifetime is used before it is renewed, on the same connection (KIP-368). */
export const SESSION_USE = 0.8;

/** How often SCRAM hashes a password at most, in about a second: Kafka itself gives users from 4,096 to 16,384. */
export const MAX_SCRAM_ITERATIONS = 1_000_000;

/** How long one step at a coordinator is tried, and the full-jitter back-off: what it waits for mostly takes milliseconds. */
export const COORDINATOR_STEP_MS = 30_000;
export const COORDINATOR_RETRY_BASE_MS = 5;
export const COORDINATOR_RETRY_CAP_MS = 250;

/** Tries of such a step that may end without an answer: the first one may meet a connection that the broker has closed. */
export const MAX_LOST_ANSWERS = 3;

/** Partitions in one OffsetCommit: the broker writes them as one batch, of some 100 bytes each, into its own topic. */
export const MAX_OFFSETS_PER_COMMIT = 1_000;

/** Groups whose offsets a command reads at once, each by its own coordinator. */
export const MAX_CONCURRENT_GROUPS = 16;

/** What one record batch that we write takes before compression: below the brokers' max.message.bytes of 1,048,588. */
export const MAX_BATCH_BYTES = 1_000_000;

/** What is collected before it is sent, over all partitions; as much again is under way. */
export const SEND_BYTES = 4_194_304;

/** One record that we write: the largest that the reader takes, with room for its batch. */
export const MAX_OUTPUT_RECORD_BYTES = 52_428_800;

/** Records of one batch: what they are collected by has an entry for each. */
export const MAX_BATCH_RECORDS = 100_000;

/**
 * After any of these a transaction should be ended before more is written: what a failure repeats, and how long readers
 * of the topics wait behind it, stay small.
 */
export const MAX_TRANSACTION_BYTES = 67_108_864;
export const MAX_TRANSACTION_RECORDS = 500_000;
export const MAX_TRANSACTION_MS = 10_000;

/** Kafka's default of transaction.max.timeout.ms, and the longest that a Lambda function runs. */
export const MAX_TRANSACTION_TIMEOUT_MS = 900_000;

/** What the broker waits beyond the invocation's time before it aborts a transaction by itself. */
export const TRANSACTION_TIMEOUT_MARGIN_MS = 10_000;

/** What a session that ends waits for its last records to be answered, so that it can abort them. */
export const ABORT_WAIT_MS = 1_000;

/** How long a topic's partitions and leaders are believed: Java's metadata.max.age. */
export const TOPIC_LAYOUT_MS = 300_000;

/**
 * For how long a broker keeps a position that nobody moves, at the least: Kafka's default is a week
 * (offsets.retention.minutes), and it looks every ten minutes.
 */
export const MIN_OFFSETS_RETENTION_MS = 518_400_000;
