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

  test.each([
    ["u:s3cret@db.example/x", '"u:…@db.example/x"'],
    ["at b-1:9092,u:s3,cret@b-2:9092", '"at b-1:…@b-2:9092"'],
    ["postgres:/u:s3cret@db/x", '"postgres:…@db/x"'],
    ["SSL://dom/u:s3cret@db", '"SSL://dom/u:…@db"'],
    ['postgres://u:s3 "cret@db/x', '"postgres://u:…@db/x"'],
    ["postgres://db/x?user=u&password=s3cret&a=b", '"postgres://db/x?user=u&password=…&a=b"'],
    ["host=db user=u password='s3 cret'", '"host=db user=u password=…"'],
    ["npm install avsc@5.7.9, file:///x/pg@8/y.js:1:2", '"npm install avsc@5.7.9, file:///x/pg@8/y.js:1:2"'],
    ["a=b, token: c", '"a=b, token: c"'],
  ])("BT3: is no password without a scheme, with a blank, or behind its name: %j", (text, shown) => {
    expect(quote(text)).toBe(shown);
    expect(quote([text])).not.toMatch(/s3|cret/);
    expect(quoteAddress(text)).not.toMatch(/s3|cret/);
  });

  test.each([
    ["https://token@a.example/x", '"https://…@a.example/x"'],
    ["u:a?b#c@d@a.example", '"…@a.example"'],
    ["https://a.example/x?sig=abc#d", '"https://a.example/x?…"'],
  ])("BT3: is of the address %j what nobody keeps to himself", (text, shown) => {
    expect(quoteAddress(text)).toBe(shown);
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
