// Records whose values are Avro, as `avroPayload` decodes them.

import avsc from "avsc";
import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import type { RegisteredSchema } from "../../../shared/schemas/schema-registry.ts";

export function aSchema(fields: readonly object[], more: Partial<RegisteredSchema> = {}): RegisteredSchema {
  return { format: "AVRO", text: JSON.stringify({ type: "record", name: "Order", fields }), references: [], ...more };
}

/** A record of a value that avsc writes by the schema. */
export function avroRecord(offset: bigint, schema: RegisteredSchema, value: unknown): ArchiveRecord {
  const registry = {};
  for (const { text } of schema.references) {
    avsc.Type.forSchema(JSON.parse(text), { registry });
  }
  const payload = avsc.Type.forSchema(JSON.parse(schema.text), { registry }).toBuffer(value);
  return { offset, timestamp: 1_800_000_000_000n + offset, value: null, avro: { payload, schema } };
}

/** A format of Avro for records of any value: each has a payload that its offset makes. */
export function avroOf(format: ArchiveFormat): ArchiveFormat {
  const schema = aSchema([{ name: "id", type: "long" }]);
  const decoded = (record: ArchiveRecord) => avroRecord(record.offset ?? 0n, schema, { id: Number(record.offset) });
  return {
    ...format,
    open: (sink, place) => {
      const encoder = format.open(sink, place);
      return {
        get bufferedBytes() {
          return encoder.bufferedBytes;
        },
        check: (record) => encoder.check(decoded(record)),
        add: (record) => encoder.add(decoded(record)),
        spill: () => encoder.spill(),
        finish: () => encoder.finish(),
        destroy: () => encoder.destroy(),
      };
    },
  };
}
