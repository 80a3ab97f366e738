import { describe, expect, test } from "vitest";
import {
  arrayOf,
  encodeElement,
  encodeValue,
  ValueError,
} from "../../../../../shared/postgres/statements/encode-value.ts";

describe("a value as PostgreSQL reads it", () => {
  test.each([
    ["text", "text"],
    ["", ""],
    [1.5, "1.5"],
    [9_223_372_036_854_775_807n, "9223372036854775807"],
    [Number.NaN, "NaN"],
    [true, "true"],
    [null, null],
    [new Date("2026-11-28T20:00:00.123Z"), "2026-11-28T20:00:00.123Z"],
    [{ a: [1, "x"] }, '{"a":[1,"x"]}'],
    [[1, null, "NULL", 'q"\\', ""], '{"1",NULL,"NULL","q\\"\\\\",""}'],
    [[["a"], ["b"]], '{{"a"},{"b"}}'],
  ])("%o", (value, expected) => {
    expect(encodeValue(value)).toBe(expected);
  });

  test("bytes are copied: their buffer may be used again", () => {
    const bytes = Buffer.from([0, 255]);

    const encoded = encodeValue(bytes);
    bytes.fill(7);

    expect(encoded).toEqual(Buffer.from([0, 255]));
    expect(encodeElement(Buffer.from([0, 255]))).toBe('"\\\\x00ff"');
  });

  test("an object is sent as it was", () => {
    const order = { total: 1 };

    const encoded = encodeValue(order);
    order.total = 2;

    expect(encoded).toBe('{"total":1}');
  });
});

const circular: Record<string, unknown> = {};
circular["self"] = circular;

test.each<[string, unknown]>([
  ["a NUL", "a\0b"],
  ["half a character", "\ud800"],
  ["undefined", undefined],
  ["a function", () => 1],
  ["a symbol", Symbol("x")],
  ["no time", new Date(Number.NaN)],
  ["a circle", circular],
  ["an object of bigints", { id: 1n }],
  ["an object that is none in JSON", { toJSON: () => undefined }],
  ["undefined in an array", [undefined]],
])("VE1: what PostgreSQL cannot take is refused: %s", (_, value) => {
  expect(() => encodeValue(value as string)).toThrow(ValueError);
});

test("an array of no elements is empty", () => {
  expect(arrayOf([])).toBe("{}");
});
