import { describe, expect, test } from "vitest";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";

describe("records are made of", () => {
  test("a text, which is the value of a record at the next offset", () => {
    expect(recordsOf(["a", "b"])).toEqual([
      {
        offset: 0n,
        timestamp: 1_767_225_600_000n,
        timestampType: "CreateTime",
        key: null,
        value: Buffer.from("a"),
        headers: [],
        isAborted: false,
      },
      expect.objectContaining({ offset: 1n, timestamp: 1_767_225_600_001n, value: Buffer.from("b") }),
    ]);
  });

  test.each([
    ["text", "a", "a"],
    ["bytes", new Uint8Array([97]), "a"],
    ["JSON", { id: "a", list: [1] }, '{"id":"a","list":[1]}'],
    ["an array", [1], "[1]"],
    ["a number", 5, "5"],
    ["a flag", false, "false"],
    ["an empty text", "", ""],
  ])("keys and values of %s", (_, content, written) => {
    const [record] = recordsOf([{ key: content, value: content }]);

    expect(record).toMatchObject({ key: Buffer.from(written), value: Buffer.from(written) });
  });

  test("null: a tombstone", () => {
    expect(recordsOf([{ key: "a", value: null }])).toMatchObject([{ key: Buffer.from("a"), value: null }]);
  });

  test("headers, as an object or as a list with a name twice", () => {
    const list = [
      { key: "trace", value: "1" },
      { key: "trace", value: null },
    ];

    expect(recordsOf([{ value: "a", headers: { trace: "1", none: null } }])[0]?.headers).toEqual([
      { key: "trace", value: Buffer.from("1") },
      { key: "none", value: null },
    ]);
    expect(recordsOf([{ value: "a", headers: list }])[0]?.headers).toEqual([
      { key: "trace", value: Buffer.from("1") },
      { key: "trace", value: null },
    ]);
  });

  test("timestamps and offsets, from which the next ones go on", () => {
    const records = recordsOf([
      { value: "a", offset: 2n ** 53n, timestamp: new Date(5) },
      { value: "b", timestamp: 7 },
      { value: "c", offset: 2n ** 60n, timestamp: 9n },
      "d",
    ]);

    expect(records.map(({ offset, timestamp }) => [offset, timestamp])).toEqual([
      [2n ** 53n, 5n],
      [2n ** 53n + 1n, 7n],
      [2n ** 60n, 9n],
      [2n ** 60n + 1n, 10n],
    ]);
  });
});

test.each<[string, unknown, string]>([
  ["no array", "a", 'recordsOf was given "a": expected an array'],
  ["a value that is missing", [{ key: "a" }], 'recordsOf: [0] is {"key":"a"}: expected an object with a value'],
  ["nothing", [null], "recordsOf: [0] is null: expected an object"],
  ["a JSON value that is no value", [{ value: 1 }, { value: 1, id: 5 }], "recordsOf: [1] has id: expected key, value"],
  ["an offset that goes back", ["a", { value: "b", offset: 0 }], "recordsOf: [1].offset is 0: expected 1 or more"],
  ["an offset that is none", [{ value: "b", offset: -1 }], "recordsOf: [0].offset is -1: expected a whole number"],
  ["an offset of text", [{ value: "b", offset: "1" }], "expected a whole number from 0, or a bigint"],
  ["a time that is none", [{ value: "b", timestamp: new Date(Number.NaN) }], "expected milliseconds since the epoch"],
])("%s is refused by its place", (_, inputs, message) => {
  const refused = () => recordsOf(inputs as never);

  expect(refused).toThrow(ConfigurationError);
  expect(refused).toThrow(message);
});
