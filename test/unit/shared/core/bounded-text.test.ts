import { describe, expect, test } from "vitest";
import {
  cutText,
  joinProblems,
  listNames,
  MAX_MESSAGE_LENGTH,
  quote,
  quoteAddress,
  quoteName,
  showName,
} from "../../../../shared/core/bounded-text.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";

describe("BT1: what is quoted", () => {
  test("is JSON, with bigints and maps as their values", () => {
    expect(quote('a "b"')).toBe('"a \\"b\\""');
    expect(quote({ offset: 5n, of: new Map([["orders-0", 7n]]) })).toBe('{"offset":"5","of":{"orders-0":"7"}}');
    expect(quote(undefined)).toBe("missing");
  });

  test("BT3: is no password of an address, wherever that stands", () => {
    const address = "SASL_SSL://etl:s3/cr@t@db.example:9092";
    for (const value of [
      address,
      `at ${address}?x=1`,
      [address],
      { url: address },
      `${address} ${"x".repeat(9_000)}`,
    ]) {
      expect(quote(value)).not.toContain("cr@t");
      expect(quote(value)).toContain("SASL_SSL://etl:…@db.example:9092");
    }
    expect(quote(`${address.slice(0, -16)}${"x".repeat(90)}@db`)).toBe('"SASL_SSL://etl:…@db"');
    expect(quote("mail a@b.example, http://a:1/x")).toBe('"mail a@b.example, http://a:1/x"');
    expect(quoteAddress("etl:s3cr@t@db.example:9092")).toBe('"…@db.example:9092"');
    expect(quoteAddress("db.example")).toBe('"db.example"');
  });

  test("shows a number that JSON has not as it is", () => {
    expect([-0, Number.NaN, -1 / 0, 1.5, 0].map((number) => quote(number))).toEqual([
      "-0",
      "NaN",
      "-Infinity",
      "1.5",
      "0",
    ]);
    expect(quote({ a: [-0, Number.NaN, 0] })).toBe('{"a":["-0","NaN",0]}');
  });

  test.each([["a".repeat(10_000_000)], [Array.from({ length: 10_000 }, (_, index) => index)]])(
    "is cut, and says so",
    (value) => {
      expect(quote(value)).toHaveLength(81);
      expect(quote(value)).toMatch(/…$/);
    },
  );

  test("may be nested in itself, or too deep for JSON", () => {
    const ring: Record<string, unknown> = {};
    ring["self"] = ring;
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);

    expect(quote(ring)).toBe("a value that JSON cannot show");
    expect(quote(deep)).toBe("a value that JSON cannot show");
  });

  test("is a name as long as Kafka has one, whole", () => {
    const range = `${"t".repeat(249)}:2147483647:1:9223372036854775807`;

    expect(quoteName(range)).toBe(`"${range}"`);
    expect(quoteName("x".repeat(1_000_000)).length).toBeLessThan(330);
  });

  test("is a plain name without quotes, and any other in quotes", () => {
    expect(showName("my.orders-3_x")).toBe("my.orders-3_x");
    expect(showName("two\nlines")).toBe('"two\\nlines"');
  });

  test("never ends in half a character", () => {
    expect(cutText("ab😀cd", 3)).toBe("ab…");
    expect(cutText("ab😀cd", 4)).toBe("ab😀…");
    expect(cutText("ab😀", 4)).toBe("ab😀");
  });
});

test("BT1: names and problems beyond the twentieth are counted", () => {
  const names = Array.from({ length: 1_003 }, (_, index) => `orders-${index}`);

  expect(listNames(names)).toMatch(/^orders-0, orders-1, .*, orders-19 and 983 more$/);
  expect(joinProblems(names)).toMatch(/^orders-0; orders-1; .*; orders-19 and 983 more$/);
  expect(listNames(names.slice(0, 20))).toMatch(/orders-18, orders-19$/);
});

test.each([ConfigurationError, RangeReadError])("BT2: a message of %o is bounded, whatever it is made of", (Kind) => {
  expect(new Kind("x".repeat(1_000_000)).message.length).toBeLessThanOrEqual(MAX_MESSAGE_LENGTH + 1);
  expect(new Kind("short").message).toBe("short");
});
