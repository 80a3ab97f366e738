import { expect, test } from "vitest";
import { decodeParts } from "../../../../../functions/cli/decoding/decode-parts.ts";
import { recordToJson } from "../../../../../functions/cli/output/record-json.ts";
import { recordsOf } from "../../../../../functions/testing/records-of.ts";
import { SchemaRegistryError, UnusableSchemaError } from "../../../../../shared/core/decode/decode-errors.ts";
import type { KafkaRecord } from "../../../../../shared/core/source/range-reader.ts";
import { json, string } from "../../../../../shared/schemas/plain/plain-deserializers.ts";

const place = { topic: "orders", partition: 0 };
const [record] = recordsOf([{ key: "a", value: "{" }]) as unknown as readonly [KafkaRecord];

test("what cannot be decoded is printed as its bytes, with the reason, beside what can", async () => {
  const decoded = await decodeParts(place, record, { key: string(), value: json() });

  expect(decoded).toEqual({ key: "a", undecodable: { value: expect.stringContaining("it is no JSON") } });
  expect(JSON.parse(recordToJson(place, record, decoded))).toMatchObject({ key: "a", value: "{", ...decoded });
});

test("so is what has a schema that cannot be used: it ends no reading of the others", async () => {
  const value = { deserialize: () => Promise.reject(new UnusableSchemaError("no JSON")) };

  expect(await decodeParts(place, record, { key: string(), value })).toEqual({
    key: "a",
    undecodable: { value: "no JSON" },
  });
});

test("a registry that is down ends the command", async () => {
  const value = { deserialize: () => Promise.reject(new SchemaRegistryError("down")) };

  await expect(decodeParts(place, record, { value })).rejects.toThrow(SchemaRegistryError);
});

test("decoded values are JSON with exact numbers, and bytes in base64", () => {
  const value = { big: 9_007_199_254_740_993n, raw: Buffer.from("ab"), list: [1.5, Number.NaN, null, true] };

  expect(recordToJson(place, record, { value })).toContain(
    '"value":{"big":9007199254740993,"raw":{"base64":"YWI="},"list":[1.5,"NaN",null,true]}',
  );
});
