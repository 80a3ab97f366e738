// Limits of what an event source mapping passes on, with their source: AWS's Lambda developer guide.

/** Records of one event, unless the mapping says otherwise, and what it may say. */
export const DEFAULT_BATCH_SIZE = 100;
export const MAX_BATCH_SIZE = 10_000;

/** Lambda's limit of a synchronous invocation's payload, in bytes of JSON. */
export const MAX_EVENT_BYTES = 6_291_456;

/** What an event has besides its records: its own fields, and the name of the partition. */
export const EVENT_FRAME_BYTES = 4_096;
