import { expect, test } from "vitest";
import { UnusableSchemaError } from "../../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { type AvroOptions, avro } from "../../../../../shared/schemas/avro/avro-deserializer.ts";
import { aPart, createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

async function decode(schema: unknown, hex: string, readerSchema?: object) {
  const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(schema) }));
  const options: AvroOptions = { registry, ...(readerSchema && { readerSchema }) };
  return avro(options).deserialize(framed(Buffer.from(hex, "hex")), aPart());
}

const row = (name: string) => ({ type: "record", name, fields: [{ name: "id", type: "int" }] });
const change = (parts: object, before: unknown, after: string) => ({
  ...{ type: "record", name: "Envelope", ...parts },
  fields: [
    { name: "before", type: ["null", before] },
    { name: "after", type: ["null", after] },
  ],
});

test.each([
  ["a namespace", change({ namespace: "my-server.1st" }, row("Value"), "Value")],
  ["a full name", change({ name: "my-server.Envelope" }, row("my-server.Value"), "my-server.Value")],
])("LSC1: %s has signs that a name may not have", async (_, schema) => {
  expect(await decode(schema, "00020e")).toEqual({ before: null, after: { id: 7 } });
  expect(await decode(schema, "00020e", schema)).toEqual({ before: null, after: { id: 7 } });
});

test("LSC1: a name that is none is refused", async () => {
  await expect(decode(row("my-value"), "0e")).rejects.toThrow(UnusableSchemaError);
});

test.each([
  ["of another type", "int", "none"],
  ["of the second branch", ["null", "int"], 5],
  ["beyond 2^63, as JSON rounds it", "long", 2 ** 63],
])("LSC2: a default %s says nothing of a record, but of a reader's schema", async (_, type, none) => {
  const schema = { type: "record", name: "R", fields: [{ name: "a", type, default: none }] };

  expect(await decode(schema, type === "int" || type === "long" ? "0e" : "020e")).toEqual({
    a: type === "long" ? 7n : 7,
  });
  await expect(async () => decode("int", "00", schema)).rejects.toThrow(ConfigurationError);
});
