import { avroTypeOf } from "../../schemas/avro/avro-types.ts";
import type { RegisteredSchema } from "../../schemas/schema-registry.ts";
import { useSchema } from "../../schemas/use-schema.ts";
import { toJsonValue } from "../../schemas/value-json.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import { refusing, requirePayload } from "../format/refuse-record.ts";

type Read = (payload: Buffer) => unknown;

const readers = new WeakMap<RegisteredSchema, Read>();

/**
 * A line of `jsonLines({ line: avroLine })`: the record's Avro as JSON, by its own schema, `null` for a tombstone. Longs
 * have all their digits, decimals are text, bytes `{"base64":…}`. Throws InvalidOutputError without the field `avro`.
 */
export function avroLine(record: ArchiveRecord): string {
  if (record.avro === null) {
    return "null";
  }
  const { payload, schema } = requirePayload(record, "avro");
  const read = readerOf(schema);
  return refusing(record, "cannot be read", () => JSON.stringify(toJsonValue(read(payload))));
}

function readerOf(schema: RegisteredSchema): Read {
  const known = readers.get(schema);
  if (known !== undefined) {
    return known;
  }
  const type = useSchema(schema, () => avroTypeOf(schema, { keepsDefaults: false }));
  const read: Read = (payload) => type.fromBuffer(payload);
  readers.set(schema, read);
  return read;
}
