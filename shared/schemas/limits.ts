// Limits of schemas and their registries. Durations are in milliseconds, sizes in bytes.

/** One try of a question to a registry. */
export const REGISTRY_CONNECT_TIMEOUT_MS = 3_000;
export const REGISTRY_ANSWER_TIMEOUT_MS = 5_000;

/** Tries of one question, over all of a registry's addresses; an attempt of a range that fails for it is tried again anyway. */
export const REGISTRY_MAX_TRIES = 3;
export const REGISTRY_RETRY_BASE_MS = 100;
export const REGISTRY_RETRY_CAP_MS = 1_000;
/** Questions that are asked at a time. */
export const REGISTRY_MAX_SOCKETS = 4;

/** Of a schema's text, its references not included. Confluent's own limit is 1 MB. */
export const MAX_SCHEMA_LENGTH = 4_000_000;
/** Schemas that one schema refers to, directly or not. */
export const MAX_REFERENCES = 200;

/** Schemas that are kept at a time; the one that was asked for first goes first. */
export const MAX_CACHED_SCHEMAS = 1_000;
/** How long it is remembered that a registry does not know an id, or GUIDs: a flood of bad records is no flood of questions. */
export const UNKNOWN_SCHEMA_TTL_MS = 60_000;
/** Before each further question for an id that a registry does not know: replicas lag behind producers for seconds. */
export const UNKNOWN_SCHEMA_PAUSES_MS = [250, 500, 1_000, 2_000, 3_000] as const;
/** Waits in vain that ended within UNKNOWN_SCHEMA_TTL_MS, before the next ids are held against their records at once. */
export const MAX_VAIN_WAITS = 3;
/** Ids that are waited for at a time: as many as a range with some concurrency meets when its topic's schemas are new. */
export const MAX_WAITS_AT_A_TIME = 16;

/** Confluent's registry counts by Java's int, and so do those with its API; a frame has room for twice as many. */
export const MAX_SCHEMA_ID = 2_147_483_647;
/** How often a registry answers for an id and has no path for a GUID, before it counts as one that knows no GUIDs. */
export const GUID_PROOFS = 3;

/** What a compressed value may become: Kafka's records have 1 MB by default, and brokers are rarely told more than this. */
export const MAX_INFLATED_BYTES = 64_000_000;

/** Of a path through nested messages. Protobuf's own compilers nest no deeper. */
export const MAX_MESSAGE_DEPTH = 64;

/**
 * The processor's time for the check of one value by its JSON Schema, or for one of its regular expressions; a record that
 * takes longer is refused.
 */
export const MAX_VALIDATION_MS = 3_000;
/**
 * By the clock, of one check: the first try leaves a seventh of it to what else runs on the machine, and the last one is
 * enough for MAX_VALIDATION_MS at a quarter of a processor. Nothing else of the process goes on meanwhile.
 */
export const VALIDATION_TRIES_MS = [3_500, 7_000, 14_000] as const;
/** Steps of a regular expression that are taken without a guard, as its form and the text's length bound them: some 10 ms. */
export const MAX_FREE_STEPS = 1_000_000;
/** Of JSON that is checked without a guard: `uniqueItems` takes the square of a list's length. */
export const MAX_FREE_BYTES = 10_000;

/** Values inside of each other, as a schema that refers to itself allows. */
export const MAX_AVRO_DEPTH = 200;
/** Items of an array that take no bytes: nothing else bounds their count. */
export const MAX_EMPTY_ITEMS = 65_536;
/** Of a decimal, some 10,000 digits: to write down those of more bytes takes their square. */
export const MAX_DECIMAL_BYTES = 4_096;
export const MAX_DECIMAL_SCALE = 10_000;
