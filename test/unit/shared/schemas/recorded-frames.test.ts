import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Deserializer } from "../../../../shared/core/decode/deserializer.ts";
import { avro } from "../../../../shared/schemas/avro/avro-deserializer.ts";
import { jsonSchema } from "../../../../shared/schemas/json-schema/json-schema-deserializer.ts";
import { protobuf } from "../../../../shared/schemas/protobuf/protobuf-deserializer.ts";
import type { SchemaFormat } from "../../../../shared/schemas/schema-registry.ts";
import { aPart, createMemoryRegistry } from "../../../support/schemas/memory-registry.ts";

interface Frame {
  readonly name: string;
  readonly bytes: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly id: string;
}

const vectors = "test/vectors/schemas";
const frames: readonly Frame[] = JSON.parse(readFileSync(`${vectors}/frames.json`, "utf8"));
const TEXTS: Readonly<Record<SchemaFormat, string>> = {
  AVRO: readFileSync(`${vectors}/order.avsc.json`, "utf8"),
  PROTOBUF: readFileSync(`${vectors}/orders.proto`, "utf8"),
  JSON: readFileSync(`${vectors}/order.schema.json`, "utf8"),
};

const order = {
  total: "12.34",
  tags: { k: 1.5 },
  state: "PAID",
  checksum: Buffer.from("01020304", "hex"),
  either: { "com.example.B": { x: 5 } },
};
const confluentOrder = { ...order, id: 7n, note: null, lines: [{ sku: "a", count: 2 }] };
const glueOrder = {
  ...order,
  id: 9_007_199_254_740_993n,
  note: "hé",
  lines: [
    { sku: "a", count: 2 },
    { sku: "b", count: -3 },
  ],
};

function expectedOf({ name }: Frame): unknown {
  if (name.includes("protobuf")) {
    return expect.objectContaining({ id: `of ${name.split(" ").at(-1)}` });
  }
  if (name.includes("json")) {
    return { id: 7 };
  }
  return name.startsWith("glue") ? glueOrder : confluentOrder;
}

function deserializerOf({ name, id }: Frame): Deserializer<unknown> {
  const format = name.includes("protobuf") ? "PROTOBUF" : name.includes("json") ? "JSON" : "AVRO";
  const registry = createMemoryRegistry(
    (asked) => (asked === id ? { format, text: TEXTS[format] } : undefined),
    name.startsWith("glue") ? "glue" : "confluent",
  );
  return { AVRO: avro, PROTOBUF: protobuf, JSON: jsonSchema }[format]({ registry });
}

describe.each(frames.map((frame) => [frame.name, frame] as const))("%s", (_, frame) => {
  test("is read as the serializer that wrote it meant it", async () => {
    const headers = Object.entries(frame.headers).map(([key, hex]) => ({ key, value: Buffer.from(hex, "hex") }));

    const value = await deserializerOf(frame).deserialize(Buffer.from(frame.bytes, "hex"), aPart({ headers }));

    expect(value).toEqual(expectedOf(frame));
  });
});

test("the frames of each serializer are there", () => {
  expect(frames.map(({ name }) => name.split(" ").slice(0, 2).join(" ")).sort()).toEqual([
    ...Array<string>(7).fill("confluent header"),
    ...Array<string>(7).fill("confluent prefix"),
    ...["avro", "avro", "json", "json", ...Array<string>(10).fill("protobuf")].map((format) => `glue ${format}`),
  ]);
});
