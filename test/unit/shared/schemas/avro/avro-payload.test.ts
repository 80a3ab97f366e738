import avsc from "avsc";
import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { avroPayload } from "../../../../../shared/schemas/avro/avro-payload.ts";
import { aPart, createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

const record = (fields: readonly object[]) => ({ type: "record" as const, name: "Order", fields });
const price = { name: "price", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } };
const older = record([{ name: "id", type: "int" }, price]);
const newer = record([{ name: "note", type: "string", default: "none" }, { name: "id", type: "long" }, price]);
const registry = createMemoryRegistry(() => ({ format: "AVRO", text: JSON.stringify(older) }));
const bytes = avsc.Type.forSchema(older as never).toBuffer({ id: 7, price: Buffer.from([5]) });

test("a payload is what is behind the frame, with the schema that the registry has", async () => {
  const { payload, schema } = await avroPayload({ registry }).deserialize(framed(bytes), aPart());

  expect(payload).toEqual(bytes);
  expect(schema).toMatchObject({ format: "AVRO", text: JSON.stringify(older), references: [] });
});

test("with a readerSchema it is encoded by that one", async () => {
  const deserializer = avroPayload({ registry, readerSchema: newer });

  const { payload, schema } = await deserializer.deserialize(framed(bytes), aPart());

  expect(avsc.Type.forSchema(newer as never).fromBuffer(payload)).toEqual({
    ...{ note: "none", id: 7, price: Buffer.from([5]) },
  });
  expect(schema.text).toBe(JSON.stringify(newer));
});

test("a payload that ends early, and a schema that does not resolve, are held against the record", async () => {
  const readerSchema = record([{ name: "missing", type: "int" }]);

  await expect(avroPayload({ registry }).deserialize(framed(bytes.subarray(1)), aPart())).rejects.toThrow(
    UndecodableError,
  );
  await expect(avroPayload({ registry, readerSchema }).deserialize(framed(bytes), aPart())).rejects.toThrow(
    UndecodableError,
  );
});

test("a readerSchema that is none is refused at once", () => {
  expect(() => avroPayload({ registry, readerSchema: "{" })).toThrow(ConfigurationError);
});
