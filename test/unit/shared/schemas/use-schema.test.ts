// Schemas that a registry has, and that nothing can be made of, in each format and wherever they are used.

import { describe, expect, test } from "vitest";
import { avroColumns } from "../../../../shared/archive/avro/avro-columns.ts";
import { avroFile } from "../../../../shared/archive/avro/avro-file.ts";
import { avroLine } from "../../../../shared/archive/avro/avro-line.ts";
import type { ArchiveFormat } from "../../../../shared/archive/format/archive-format.ts";
import { jsonSchemaColumns } from "../../../../shared/archive/json-schema/json-schema-columns.ts";
import { jsonLines } from "../../../../shared/archive/lines/line-formats.ts";
import { parquet } from "../../../../shared/archive/parquet/parquet-format.ts";
import { UndecodableError, UnusableSchemaError } from "../../../../shared/core/decode/decode-errors.ts";
import type { Deserializer } from "../../../../shared/core/decode/deserializer.ts";
import { blameOf } from "../../../../shared/core/failure/blame-error.ts";
import { avro } from "../../../../shared/schemas/avro/avro-deserializer.ts";
import { avroPayload } from "../../../../shared/schemas/avro/avro-payload.ts";
import { jsonSchema } from "../../../../shared/schemas/json-schema/json-schema-deserializer.ts";
import { jsonSchemaPayload } from "../../../../shared/schemas/json-schema/json-schema-payload.ts";
import { protobuf } from "../../../../shared/schemas/protobuf/protobuf-deserializer.ts";
import { protobufPayload } from "../../../../shared/schemas/protobuf/protobuf-payload.ts";
import type { ReferredSchema, SchemaFormat, SchemaRegistry } from "../../../../shared/schemas/schema-registry.ts";
import { aSchema, avroRecord } from "../../../support/archive/avro-records.ts";
import { objectOf } from "../../../support/archive/object-of.ts";
import { aPart, createMemoryRegistry, framed } from "../../../support/schemas/memory-registry.ts";

const origin = "schema 1 of schema registry https://registry.example/";
const aRecord = (name: string, field: string) => `{"type":"record","name":"${name}","fields":[${field}]}`;
const looping: readonly ReferredSchema[] = [
  { name: "B", text: aRecord("B", '{"name":"a","type":["null","A"]}') },
  { name: "A", text: aRecord("A", '{"name":"b","type":["null","B"]}') },
];
const nested = `${'{"type":"array","items":'.repeat(20_000)}"int"${"}".repeat(20_000)}`;

const broken: readonly (readonly [string, SchemaFormat, string, readonly ReferredSchema[]])[] = [
  ["no JSON", "AVRO", "{", []],
  ["a type that there is not", "AVRO", '{"type":"record","name":"A","fields":[{"name":"x","type":"Nowhere"}]}', []],
  ["references that loop", "AVRO", aRecord("C", '{"name":"a","type":"A"}'), looping],
  ["types inside of each other by the thousand", "AVRO", nested, []],
  ["no JSON", "JSON", "{", []],
  ["a type that there is not", "JSON", '{"type":"nothing"}', []],
  ["a reference that is missing", "JSON", '{"$ref":"line.json"}', []],
  ["a pattern that is none", "JSON", '{"type":"string","pattern":"("}', []],
  ["no .proto file", "PROTOBUF", "message {", []],
  ["a type that there is not", "PROTOBUF", 'syntax = "proto3"; message A { Nowhere b = 1; }', []],
  ["a descriptor in base64", "PROTOBUF", "CgtvcmRlci5wcm90bw==", []],
];

const deserializers: Readonly<Record<SchemaFormat, (registry: SchemaRegistry) => readonly Deserializer<unknown>[]>> = {
  AVRO: (registry) => [avro({ registry }), avro({ registry, readerSchema: '"string"' }), avroPayload({ registry })],
  JSON: (registry) => [jsonSchema({ registry }), jsonSchemaPayload({ registry })],
  PROTOBUF: (registry) => [protobuf({ registry }), protobufPayload({ registry })],
};

describe.each(broken)("USC1: a schema with %s, of %s,", (_, format, text, references) => {
  test("is to blame itself, whatever decodes its records, with its registry and its id", async () => {
    const registry = createMemoryRegistry(() => ({ format, text, references, origin }));

    for (const deserializer of deserializers[format](registry)) {
      const error = await thrownBy(async () => deserializer.deserialize(framed(Buffer.from("2"), [0]), aPart()));

      expect(error).toBeInstanceOf(UnusableSchemaError);
      expect(blameOf(error)).toBe("surroundings");
      expect(String(error)).toContain(`${origin} cannot be used: `);
    }
  });
});

const good = avroRecord(1n, aSchema([{ name: "id", type: "int" }]), { id: 1 });
const bad = { payload: Buffer.from([2]), schema: { format: "AVRO", text: "{", references: [], origin } } as const;

test.each<readonly [string, ArchiveFormat]>([
  ["avroFile", avroFile()],
  ["avroColumns", parquet({ columns: avroColumns() })],
  ["avroLine", jsonLines({ line: avroLine })],
])(
  "USC1: of records that code has made, %s blames the schema alone, of the first and of another",
  async (_, format) => {
    const record = { offset: 2n, value: null, avro: bad };

    for (const records of [[record], [good, record]]) {
      const error = await thrownBy(() => objectOf(format, records));

      expect(error).toBeInstanceOf(UnusableSchemaError);
      expect(String(error)).toContain(`${origin} cannot be used: `);
    }
  },
);

test("USC1: so does jsonSchemaColumns", async () => {
  const jsonSchemaOf = { ...bad, schema: { ...bad.schema, format: "JSON" as const }, decoded: {} };
  const format = parquet({ columns: jsonSchemaColumns() });

  expect(await thrownBy(() => objectOf(format, [{ value: null, jsonSchema: jsonSchemaOf }]))).toBeInstanceOf(
    UnusableSchemaError,
  );
});

test.each([avro, avroPayload])(
  "a schema that %o cannot resolve to its readerSchema is one, of other records",
  async (made) => {
    const registry = createMemoryRegistry(() => ({ format: "AVRO", text: '"int"', origin }));

    const error = await thrownBy(async () =>
      made({ registry, readerSchema: '"string"' }).deserialize(framed(Buffer.from([2])), aPart()),
    );

    expect(error).toBeInstanceOf(UndecodableError);
    expect(String(error)).toContain(`${origin} does not resolve to readerSchema`);
  },
);

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  return run().then(
    () => undefined,
    (error: unknown) => error,
  );
}
