import type { KafkaRecord } from "./range-reader.ts";

/** The fields of a record as plain properties, which can be spread. */
export type RecordFields = Pick<KafkaRecord, keyof KafkaRecord>;

/**
 * Every field of the record as a property, for `{ ...recordFields(record), topic: "orders-2" }`: `{ ...record }` copies
 * none, since a record decodes a field when it is read. The bytes are the record's own views.
 */
export function recordFields(record: RecordFields): RecordFields {
  const { offset, timestamp, timestampType, key, value, headers } = record;
  return { offset, timestamp, timestampType, key, value, headers };
}
