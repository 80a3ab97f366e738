import avsc from "avsc";
import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { type AvroOptions, avro } from "../../../../../shared/schemas/avro/avro-deserializer.ts";
import { MAX_DECIMAL_BYTES } from "../../../../../shared/schemas/limits.ts";
import { aPart, createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

interface Written {
  readonly schema: object | string;
  readonly value: unknown;
  readonly references?: readonly { readonly name: string; readonly text: string }[];
  readonly options?: Omit<AvroOptions, "registry">;
}

async function decode({ schema, value, references = [], options = {} }: Written): Promise<unknown> {
  const types = {};
  for (const { text } of references) {
    avsc.Type.forSchema(JSON.parse(text), { registry: types });
  }
  const payload = avsc.Type.forSchema(schema as never, { registry: types }).toBuffer(value);
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(schema), references }));
  return avro({ registry, ...options }).deserialize(framed(payload), aPart());
}

const record = (fields: readonly object[]) => ({ type: "record", name: "Order", fields });

test("a record is a plain object, with records in it that are plain as well", async () => {
  const line = { type: "record", name: "Line", fields: [{ name: "sku", type: "string" }] };

  const value = (await decode({
    schema: record([{ name: "line", type: line }]),
    value: { line: { sku: "a" } },
  })) as { readonly line: object };

  expect(value).toEqual({ line: { sku: "a" } });
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.getPrototypeOf(value.line)).toBe(Object.prototype);
});

test("a long is a bigint whatever its size, or a number where that is asked for and holds it", async () => {
  const schema = record([{ name: "id", type: "long" }]);

  expect(await decode({ schema, value: { id: 7 } })).toEqual({ id: 7n });
  expect(await decode({ schema, value: { id: 7 }, options: { longs: "number" } })).toEqual({ id: 7 });
});

test.each<[string, object]>([
  ["written as an object", { type: "long" }],
  ["of a logical type", { type: "long", logicalType: "timestamp-micros" }],
  ["with attributes, as Kafka Connect writes them", { type: "long", "connect.name": "io.debezium.time.NanoTimestamp" }],
])("a long %s is a bigint too, also beyond 2^53, and in a union", async (_, type) => {
  const beyond = Buffer.from("8280808080808020", "hex");
  const schema = record([
    { name: "at", type },
    { name: "by", type: ["null", type] },
  ]);
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(schema) }));
  const payload = Buffer.concat([beyond, Buffer.from([2]), beyond]);

  const expected = { at: 9_007_199_254_740_993n, by: 9_007_199_254_740_993n };
  expect(await avro({ registry }).deserialize(framed(payload), aPart())).toEqual(expected);
  expect(await avro({ registry, readerSchema: schema }).deserialize(framed(payload), aPart())).toEqual(expected);
});

test("a long beyond 2^53 is refused where numbers are asked for", () => {
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: '"long"' }));
  const beyond = Buffer.from("8280808080808020", "hex");

  return expect(avro({ registry, longs: "number" }).deserialize(framed(beyond), aPart())).rejects.toThrow(
    UndecodableError,
  );
});

test.each([
  ["04d2", 2, "12.34"],
  ["fb2e", 2, "-12.34"],
  ["05", 2, "0.05"],
  ["ff", 3, "-0.001"],
  ["00", 0, "0"],
  ["", 1, "0.0"],
  ["7fffffffffffffffffffffffffffffff", 0, "170141183460469231731687303715884105727"],
])("a decimal %s of scale %i is the text %s", async (hex, scale, text) => {
  const schema = { type: "bytes", logicalType: "decimal", precision: 39, scale };

  expect(await decode({ schema, value: Buffer.from(hex, "hex") })).toBe(text);
});

test("a decimal whose digits would take minutes is refused", async () => {
  const schema = { type: "bytes", logicalType: "decimal", precision: 39, scale: 2 };
  const longest = await decode({ schema, value: Buffer.alloc(MAX_DECIMAL_BYTES, 1) });

  expect(String(longest)).toMatch(/^\d+\.\d\d$/);
  await expect(async () => decode({ schema, value: Buffer.alloc(MAX_DECIMAL_BYTES + 1, 1) })).rejects.toThrow(
    /a decimal of 4097 bytes; at most 4096 are taken/,
  );
});

test("a decimal of a scale that nobody has is its bytes, as one of a scale that is none", async () => {
  const schema = { type: "bytes", logicalType: "decimal", precision: 4, scale: 100_000_000 };

  expect(await decode({ schema, value: Buffer.from("04d2", "hex") })).toEqual(Buffer.from("04d2", "hex"));
});

test("a decimal is its bytes where that is asked for", async () => {
  const schema = { type: "bytes", logicalType: "decimal", precision: 4, scale: 2 };

  expect(await decode({ schema, value: Buffer.from("04d2", "hex"), options: { decimals: "bytes" } })).toEqual(
    Buffer.from("04d2", "hex"),
  );
});

test("the reader's schema adds defaults, follows aliases, widens numbers and drops what it does not name", async () => {
  const written = record([
    { name: "id", type: "int" },
    { name: "old", type: "string" },
    { name: "gone", type: { type: "array", items: "string" } },
  ]);
  const readerSchema = record([
    { name: "id", type: "long" },
    { name: "renamed", aliases: ["old"], type: "string" },
    { name: "added", type: "long", default: 3 },
  ]);

  const value = await decode({
    schema: written,
    value: { id: 7, old: "a", gone: ["x"] },
    options: { readerSchema },
  });

  expect(value).toEqual({ id: 7n, renamed: "a", added: 3n });
});

test.each([
  ["bytes", { type: "bytes" }],
  ["a fixed", { type: "fixed", name: "Price", size: 4 }],
])("the reader's schema has decimals as defaults, of %s", async (_, type) => {
  const decimal = { ...type, logicalType: "decimal", precision: 8, scale: 2 };
  const [twelve, minusOne] = type.type === "fixed" ? ["\0\0\x04\u00d2", "\xff\xff\xff\xff"] : ["\x04\u00d2", "\xff"];
  const readerSchema = record([
    { name: "price", type: decimal, default: twelve },
    { name: "less", type: type.type === "fixed" ? "Price" : decimal, default: minusOne },
  ]);

  const value = await decode({ schema: record([]), value: {}, options: { readerSchema } });

  expect(value).toEqual({ price: "12.34", less: "-0.01" });
});

test("a schema that the reader's cannot be resolved with costs the record its place", () => {
  const written = record([{ name: "id", type: "string" }]);

  return expect(
    decode({ schema: written, value: { id: "a" }, options: { readerSchema: record([{ name: "id", type: "long" }]) } }),
  ).rejects.toThrow(UndecodableError);
});

test("schemas that a schema refers to are used, in their order", async () => {
  const references = [
    { name: "Sku", text: JSON.stringify({ type: "fixed", name: "Sku", size: 2 }) },
    { name: "Line", text: JSON.stringify({ type: "record", name: "Line", fields: [{ name: "sku", type: "Sku" }] }) },
  ];
  const schema = record([{ name: "line", type: "Line" }]);

  expect(await decode({ schema, value: { line: { sku: Buffer.from("ab") } }, references })).toEqual({
    line: { sku: Buffer.from("ab") },
  });
});

test("a schema with a field that an object does not keep is refused, instead of the field being lost", () => {
  const registry = createMemoryRegistry(() => ({
    format: "AVRO",
    text: JSON.stringify({ type: "record", name: "R", fields: [{ name: "__proto__", type: "string" }] }),
  }));

  return expect(async () =>
    avro({ registry }).deserialize(framed(Buffer.from("0278", "hex")), aPart()),
  ).rejects.toThrow(/cannot be used: it has a field __proto__/);
});

test("a schema of another format costs the record its place", () => {
  const registry = createMemoryRegistry(() => ({ format: "JSON", text: "{}" }));

  return expect(avro({ registry }).deserialize(framed(Buffer.from([2])), aPart())).rejects.toThrow(
    "its schema 1 is one of JSON; expected one of AVRO",
  );
});

test("a reader's schema that is none is refused when the deserializer is made", () => {
  const registry = createMemoryRegistry(() => undefined);

  expect(() => avro({ registry, readerSchema: '{"type":"recrod"}' })).toThrow(ConfigurationError);
  expect(() => avro({ registry, readerSchema: "{" })).toThrow("avro: readerSchema is no schema");
});

test("the registry is asked once for a schema, and never for one that the record does not name", async () => {
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: '"string"' }));
  const deserializer = avro<string>({ registry });
  const payload = framed(Buffer.from([2, 97]));

  const values = await Promise.all([1, 2, 3].map(async () => deserializer.deserialize(payload, aPart())));

  expect(values).toEqual(["a", "a", "a"]);
  expect(deserializer.deserialize(payload, aPart())).toBe("a");
  expect(registry.asked).toEqual(["1"]);
});
