import protobufjs from "protobufjs";
import { expect, test } from "vitest";
import { UndecodableError } from "../../../../../shared/core/decode/decode-errors.ts";
import { protobuf } from "../../../../../shared/schemas/protobuf/protobuf-deserializer.ts";
import { aPart, createMemoryRegistry, framed } from "../../../../support/schemas/memory-registry.ts";

const PROTO = `syntax = "proto3";
package com.example;
import "common/line.proto";
import "google/protobuf/timestamp.proto";
import "confluent/meta.proto";
message Order {
  int64 id = 1;
  uint64 most = 2;
  bytes raw = 3;
  State state = 4;
  optional int32 price = 5;
  oneof kind { string sort = 6; int32 grade = 7; }
  repeated Line line_items = 8;
  google.protobuf.Timestamp at = 9;
  map<string, int64> tags = 10;
}
enum State { OPEN = 0; PAID = 1; }`;
const LINE = `syntax = "proto3"; package com.example; message Line { string sku = 1; }`;
const references = [{ name: "common/line.proto", text: LINE }];
const registry = createMemoryRegistry(() => ({ format: "PROTOBUF", text: PROTO, references }));

function payloadOf(value: object): Buffer {
  const { root } = protobufjs.parse(PROTO, { keepCase: true });
  protobufjs.parse(LINE, root, { keepCase: true });
  root.addJSON(protobufjs.common.get("google/protobuf/timestamp.proto")?.nested ?? {});
  const type = root.lookupType("com.example.Order");
  return Buffer.from(type.encode(type.fromObject(value)).finish());
}

test("a message is a plain object with the file's own names, exact numbers and names of enums", async () => {
  const payload = payloadOf({
    ...{ id: "-9007199254740993", most: "18446744073709551615", raw: Buffer.from("ab"), state: 1, sort: "x" },
    ...{ line_items: [{ sku: "a" }], at: { seconds: 5, nanos: 1 }, tags: { k: 7 } },
  });

  const value = await protobuf({ registry }).deserialize(framed(payload, [0]), aPart());

  expect(value).toEqual({
    ...{ id: -9_007_199_254_740_993n, most: 18_446_744_073_709_551_615n, raw: Buffer.from("ab"), state: "PAID" },
    ...{ sort: "x", line_items: [{ sku: "a" }], at: { seconds: 5n, nanos: 1 }, tags: { k: 7n } },
  });
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
});

test("what is not set is its default, but for what may be absent", async () => {
  const value = await protobuf({ registry, longs: "number" }).deserialize(framed(Buffer.alloc(0), [0]), aPart());

  expect(value).toEqual({
    ...{ id: 0, most: 0, raw: Buffer.alloc(0), state: "OPEN" },
    ...{ line_items: [], at: null, tags: {} },
  });
});

test("types that registries know without a reference, as Kafka Connect's converter uses them, are known here", async () => {
  const text = `syntax = "proto3";
    import "confluent/type/decimal.proto";
    import "google/type/date.proto";
    import "google/type/timeofday.proto";
    message Paid { confluent.type.Decimal price = 1; google.type.Date day = 2; google.type.TimeOfDay at = 3; }`;
  const connect = createMemoryRegistry(() => ({ format: "PROTOBUF", text }));
  const payload = Buffer.from("0a080a0204d210041802 120708ea0f100b181d 1a0408051006".replaceAll(" ", ""), "hex");

  expect(await protobuf({ registry: connect }).deserialize(framed(payload, [0]), aPart())).toEqual({
    price: { value: Buffer.from("04d2", "hex"), precision: 4, scale: 2 },
    day: { year: 2_026, month: 11, day: 29 },
    at: { hours: 5, minutes: 6, seconds: 0, nanos: 0 },
  });
});

test.each([
  ["a message that the file does not have", framed(Buffer.alloc(0), [2, 8])],
  ["a length beyond the payload", framed(Buffer.from("1a7f61", "hex"), [0])],
  ["a tag that does not end", framed(Buffer.from("ffffffffffffffffffffff", "hex"), [0])],
  ["groups without end", framed(Buffer.alloc(1_000, 0x0b), [0])],
])("%s costs the record its place", async (_, bytes) => {
  await expect(async () => protobuf({ registry }).deserialize(bytes, aPart())).rejects.toThrow(UndecodableError);
});

test("a file with a type that is missing cannot be used, and it is named", async () => {
  const lacking = createMemoryRegistry(() => ({ format: "PROTOBUF", text: PROTO }));

  await expect(async () =>
    protobuf({ registry: lacking }).deserialize(framed(Buffer.alloc(0), [0]), aPart()),
  ).rejects.toThrow(/schema 1 cannot be used: .*Line/);
});
