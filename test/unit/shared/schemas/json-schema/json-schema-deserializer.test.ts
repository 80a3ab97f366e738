import { expect, test } from "vitest";
import { UndecodableError, UnusableSchemaError } from "../../../../../shared/core/decode/decode-errors.ts";
import { jsonSchema } from "../../../../../shared/schemas/json-schema/json-schema-deserializer.ts";
import { aPart, createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

async function decode(schema: object, text: string, references: { name: string; text: string }[] = []) {
  const registry = createMemoryRegistry(() => ({ format: "JSON", text: JSON.stringify(schema), references }));
  return jsonSchema({ registry }).deserialize(framed(Buffer.from(text)), aPart());
}

test.each([
  undefined,
  "http://json-schema.org/draft-06/schema#",
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2019-09/schema",
  "https://json-schema.org/draft/2020-12/schema",
])("a value is held against its schema of %s", async ($schema) => {
  const schema = { ...($schema && { $schema }), type: "object", properties: { id: { type: "integer" } } };

  expect(await decode(schema, '{"id":7}')).toEqual({ id: 7 });
  await expect(decode(schema, '{"id":"7"}')).rejects.toThrow("its schema refuses it: /id must be integer");
});

test("a schema of another draft cannot be used, for which no record is to blame", async () => {
  await expect(decode({ $schema: "http://json-schema.org/draft-04/schema#" }, "{}")).rejects.toThrow(
    UnusableSchemaError,
  );
});

test("a schema that answers later cannot be used, since it would let anything pass", async () => {
  await expect(decode({ $async: true, type: "string" }, "7")).rejects.toThrow(/cannot be used: it has \$async/);
});

test("what a schema refers to is used", async () => {
  const schema = { type: "object", properties: { line: { $ref: "line.json" } } };
  const references = [{ name: "line.json", text: '{"type":"string"}' }];

  expect(await decode(schema, '{"line":"a"}', references)).toEqual({ line: "a" });
  await expect(decode(schema, '{"line":7}', references)).rejects.toThrow(UndecodableError);
});

test.each([
  ["has a name of its own", {}, "line.json"],
  ["says what it is itself", { $id: "http://example.com/line.json" }, "line.json"],
  ["says that it is elsewhere", { $id: "http://other.example/line.json" }, "line.json"],
  ["is named by its address", {}, "http://other.example/line.json"],
])("what a schema with an address refers to is used where it %s", async (_, own, name) => {
  const sku = { name: "sku.json", text: '{"$id":"http://example.com/sku.json","type":"string"}' };
  const line = {
    name,
    text: JSON.stringify({ ...own, properties: { sku: { $ref: "http://example.com/sku.json" } } }),
  };
  const schema = { $id: "http://example.com/order.json", properties: { line: { $ref: name } } };

  expect(await decode(schema, '{"line":{"sku":"a"}}', [sku, line])).toEqual({ line: { sku: "a" } });
  await expect(decode(schema, '{"line":{"sku":7}}', [sku, line])).rejects.toThrow("/line/sku must be string");
});

test.each([
  ["a value", { properties: { id: { type: "string", pattern: "^(a+)+$" } } }, { id: `${"a".repeat(60)}!` }],
  ["a name", { patternProperties: { "^(a+)+$": { type: "string" } } }, { [`${"a".repeat(60)}!`]: 7 }],
])(
  "BPT2: a regular expression that would not end for %s is ended",
  async (_, schema, value) => {
    await expect(decode(schema, JSON.stringify(value))).rejects.toThrow(
      /pattern \/\^\(a\+\)\+\$\/u (?:takes longer|was not done)/,
    );
  },
  120_000,
);

test("several patterns of a schema are each held against what they are of", async () => {
  const schema = { properties: { a: { pattern: "^a$" }, b: { pattern: "^b$" } } };

  expect(await decode(schema, '{"a":"a","b":"b"}')).toEqual({ a: "a", b: "b" });
  await expect(decode(schema, '{"a":"a","b":"a"}')).rejects.toThrow("/b must match pattern");
});

test("a long value is checked as a short one is, and one that takes for ever is ended", async () => {
  const schema = { type: "array", uniqueItems: true, items: { type: "object" } };
  const items = (count: number) => JSON.stringify(Array.from({ length: count }, (_, id) => ({ id })));

  expect(await decode(schema, items(1_100))).toHaveLength(1_100);
  await expect(decode(schema, `${items(1_100).slice(0, -1)},{"id":5}]`)).rejects.toThrow(
    "must NOT have duplicate items",
  );
  await expect(decode(schema, items(80_000))).rejects.toThrow(/its schema's check (?:takes longer|was not done)/);
}, 120_000);

test("without validation no schema is asked for", async () => {
  const registry = createMemoryRegistry(() => undefined);

  expect(await jsonSchema({ registry, validate: false }).deserialize(framed(Buffer.from("[1]")), aPart())).toEqual([1]);
  expect(registry.asked).toEqual([]);
});

test("text that is no JSON costs the record its place", async () => {
  await expect(decode({}, "{")).rejects.toThrow(UndecodableError);
});
