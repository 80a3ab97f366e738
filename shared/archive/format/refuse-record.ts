import { quote } from "../../core/bounded-text.ts";
import { InvalidOutputError } from "../../core/errors.ts";
import type { ArchiveRecord } from "./archive-record.ts";

/** Says which record it was. */
export function refusal({ offset }: ArchiveRecord, why: string, cause?: unknown): InvalidOutputError {
  const where = offset === undefined ? "a record" : `the record at offset ${offset}`;
  return new InvalidOutputError(`${where} ${why}`, { outputIndex: 0, cause });
}

/** Code without types passes anything, and a spread of a Kafka record, which has none of its fields. */
export function requireRecord(given: unknown): void {
  const value: unknown = typeof given === "object" && given !== null && "value" in given ? given.value : undefined;
  if (value !== null && typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new InvalidOutputError(
      `an output for the archive has the value ${quote(value)}: expected bytes, text, or null, as { value } or { ...recordFields(record) } has them; { ...record } copies no field of a Kafka record`,
      { outputIndex: 0 },
    );
  }
}

/** An output that was refused is the one of that index. */
export function namingIndex(error: unknown, index: number): unknown {
  return error instanceof InvalidOutputError
    ? new InvalidOutputError(error.message, { outputIndex: index, cause: error })
    : error;
}

/** What a library of schemas throws of a payload is the record's fault; what it throws of a schema is `useSchema`'s. */
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
      `${why}; write { ...recordFields(source), ${field}: value } of a value that ${field}Payload has decoded, or nothing`,
    );
  }
  return payload;
}
