import { InvalidOutputError } from "../../core/errors.ts";
import type { ArchiveRecord } from "./archive-record.ts";

/** Says which record it was. */
export function refusal({ offset }: ArchiveRecord, why: string, cause?: unknown): InvalidOutputError {
  const where = offset === undefined ? "a record" : `the record at offset ${offset}`;
  return new InvalidOutputError(`${where} ${why}`, { outputIndex: 0, cause });
}

/** What a library of schemas throws is the record's fault, as its schema and its payload are. */
export function refusing<Result>(record: ArchiveRecord, why: string, run: () => Result): Result {
  try {
    return run();
  } catch (cause) {
    throw refusal(record, `${why}: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** A field of a record that a format goes by, and what decodes it. */
export type PayloadField = "avro" | "jsonSchema" | "protobuf";

/** Throws InvalidOutputError for a record whose value has no schema. */
export function requirePayload<Field extends PayloadField>(
  record: ArchiveRecord,
  field: Field,
): NonNullable<ArchiveRecord[Field]> {
  const payload = record[field];
  if (payload == null) {
    const why = payload === null ? "is a tombstone, and leaves no row" : `has no field ${field}`;
    throw refusal(
      record,
      `${why}; write { ...source, ${field}: value } of a value that ${field}Payload has decoded, or nothing`,
    );
  }
  return payload;
}
