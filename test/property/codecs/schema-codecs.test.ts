// Keys and values that a schema registry's serializers framed, or that look so: damaged at random, each is decoded within
// bounds, or refused as the record's fault.

import { readFileSync } from "node:fs";
import avsc from "avsc";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { UndecodableError } from "../../../shared/core/decode/decode-errors.ts";
import type { Deserializer } from "../../../shared/core/decode/deserializer.ts";
import { BatchProcessorError } from "../../../shared/core/errors.ts";
import { avro } from "../../../shared/schemas/avro/avro-deserializer.ts";
import { decodeSchemaAnswer } from "../../../shared/schemas/confluent/confluent-registry.ts";
import { decodeSchemaVersion } from "../../../shared/schemas/glue/glue-registry.ts";
import { jsonSchema } from "../../../shared/schemas/json-schema/json-schema-deserializer.ts";
import { json, string } from "../../../shared/schemas/plain/plain-deserializers.ts";
import { protobuf } from "../../../shared/schemas/protobuf/protobuf-deserializer.ts";
import { damagedBytes, damagedJson, weightOf } from "../../support/fuzz/damaged.ts";
import { aPart, createMemoryRegistry, framed } from "../../support/schemas/memory-registry.ts";

const RUNS = Number(process.env["CODEC_RUNS"] ?? 300);
/** Values of an answer for each byte of the input; the schema's own fields come on top. */
const MAX_GROWTH = 40;
const MIN_WEIGHT = 300;

interface Frame {
  readonly name: string;
  readonly bytes: string;
}

const folder = "test/vectors/schemas";
const frames: readonly Frame[] = JSON.parse(readFileSync(`${folder}/frames.json`, "utf8"));
const framesOf = (start: string) => frames.flatMap(({ name, bytes }) => (name.startsWith(start) ? [bytes] : []));
const textOf = (file: string) => readFileSync(`${folder}/${file}`, "utf8");

const avroText = textOf("order.avsc.json");
const protoText = textOf("orders.proto");
const schemaText = '{"type":"object","properties":{"id":{"type":"integer"}}}';
const of = (format: "AVRO" | "JSON" | "PROTOBUF", text: string, kind: "confluent" | "glue") =>
  ({ registry: createMemoryRegistry(() => ({ format, text }), kind) }) as const;

const DESERIALIZERS: Readonly<Record<string, readonly [Deserializer<unknown>, readonly string[]]>> = {
  "avro by Confluent": [avro(of("AVRO", avroText, "confluent")), framesOf("confluent prefix avro")],
  "avro by Glue": [avro(of("AVRO", avroText, "glue")), framesOf("glue avro")],
  "protobuf by Confluent": [protobuf(of("PROTOBUF", protoText, "confluent")), framesOf("confluent prefix protobuf")],
  "protobuf by Glue": [protobuf(of("PROTOBUF", protoText, "glue")), framesOf("glue protobuf")],
  "JSON Schema by Confluent": [jsonSchema(of("JSON", schemaText, "confluent")), framesOf("confluent prefix json")],
  "JSON Schema by Glue": [jsonSchema(of("JSON", schemaText, "glue")), framesOf("glue json")],
  json: [json(), [Buffer.from('{"id":[7,null]}').toString("hex")]],
  string: [string(), [Buffer.from("héllo").toString("hex")]],
};

describe.each(Object.entries(DESERIALIZERS))("%s", (_, [deserializer, samples]) => {
  test("answers within bounds, or holds it against the record", async () => {
    let answers = 0;

    await fc.assert(
      fc.asyncProperty(fc.oneof(...samples.map(damagedBytes)), async (bytes) => {
        try {
          const answer = await deserializer.deserialize(Buffer.from(bytes), aPart());
          answers += 1;
          expect(weightOf(answer)).toBeLessThanOrEqual(MIN_WEIGHT + MAX_GROWTH * bytes.length);
        } catch (thrown) {
          if (!(thrown instanceof UndecodableError)) {
            throw thrown;
          }
        }
      }),
      { numRuns: RUNS },
    );

    // Else only the first check was reached.
    expect(answers).toBeGreaterThan(0);
  });
});

test.each([
  [
    "decodeSchemaAnswer",
    decodeSchemaAnswer,
    { schema: "s", schemaType: "JSON", references: [{ name: "a", subject: "b", version: 1 }] },
  ],
  ["decodeSchemaVersion", decodeSchemaVersion, { SchemaDefinition: "s", DataFormat: "AVRO" }],
] as const)("%s answers within bounds, or throws what it documents", (_, decode, sample) => {
  fc.assert(
    fc.property(damagedJson(sample), (input) => {
      try {
        expect(weightOf(decode(input, "a schema"))).toBeLessThanOrEqual(MIN_WEIGHT + MAX_GROWTH * weightOf(input));
      } catch (thrown) {
        if (!(thrown instanceof BatchProcessorError)) {
          throw thrown;
        }
      }
    }),
    { numRuns: RUNS },
  );
});

const leaf = fc.constantFrom<unknown>("null", "boolean", "int", "long", "double", "bytes", "string");
const { schema: anySchema } = fc.letrec<{ readonly schema: unknown }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ type: fc.constant("array"), items: tie("schema") }),
    fc.record({ type: fc.constant("map"), values: tie("schema") }),
    fc.array(tie("schema"), { maxLength: 4 }).map((types) => ({
      type: "record",
      fields: types.map((type, index) => ({ name: `f${index}`, type })),
    })),
  ),
}));

test("AB1, AB2: of any schema, what avsc writes is read as it was, and any bytes end within bounds", async () => {
  await fc.assert(
    fc.asyncProperty(anySchema, fc.uint8Array({ maxLength: 60 }), async (schema, bytes) => {
      const type = avsc.Type.forSchema(schema as never);
      const written: unknown = type.random();
      const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(schema) }));
      const deserializer = avro({ registry, longs: "number" });

      const read = await deserializer.deserialize(framed(type.toBuffer(written)), aPart());
      expect(type.toBuffer(read)).toEqual(type.toBuffer(written));
      await Promise.resolve(deserializer)
        .then((made) => made.deserialize(framed(Buffer.from(bytes)), aPart()))
        .catch((thrown: unknown) => expect(thrown).toBeInstanceOf(UndecodableError));
    }),
    { numRuns: RUNS },
  );
});
