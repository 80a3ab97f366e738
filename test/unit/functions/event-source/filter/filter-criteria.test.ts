import { describe, expect, test } from "vitest";
import { compileEventPattern } from "../../../../../functions/event-source/filter/event-pattern.ts";
import { compileFilterCriteria } from "../../../../../functions/event-source/filter/filter-criteria.ts";
import { recordsOf } from "../../../../../functions/testing/records-of.ts";

const criteria = (...patterns: readonly object[]) => ({
  Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })),
});

/** Which of the records pass, by their index. */
function passing(given: ReturnType<typeof criteria>, inputs: Parameters<typeof recordsOf>[0]): readonly number[] {
  const passes = compileFilterCriteria(given);
  return recordsOf(inputs).flatMap((record, index) => (passes(record) ? [index] : []));
}

const device = (id: string, duration = 5) => ({ value: { device_ID: id, session: { duration } } });

describe("AWS's documented examples", () => {
  test("the text that is pasted, with its escapes", () => {
    const pasted = JSON.parse(
      String.raw`{ "Filters": [ { "Pattern": "{ \"value\" : { \"device_ID\" : [ { \"prefix\": \"AB\" } ] } }" } ] }`,
    );

    expect(passing(pasted, [device("AB1234"), device("CD1234")])).toEqual([0]);
  });

  test("plain text: everything but an error", () => {
    expect(passing(criteria({ value: [{ "anything-but": ["error"] }] }), ["error", "fine", "error!"])).toEqual([1, 2]);
  });

  test.each<[string, object, readonly object[], readonly number[]]>([
    ["Null", { id: [null] }, [{ id: null }, { id: 1 }, {}], [0]],
    ["Empty", { name: [""] }, [{ name: "" }, { name: "a" }], [0]],
    ["Equals", { name: ["Alice"] }, [{ name: "Alice" }, { name: "alice" }], [0]],
    ["Equals (ignore case)", { name: [{ "equals-ignore-case": "alice" }] }, [{ name: "Alice" }, { name: "Bob" }], [0]],
    [
      "And",
      { place: ["N"], day: ["Mon"] },
      [
        { place: "N", day: "Mon" },
        { place: "N", day: "Tue" },
      ],
      [0],
    ],
    ["Or", { pay: ["Credit", "Debit"] }, [{ pay: "Debit" }, { pay: "Cash" }], [0]],
    ["Or (multiple fields)", { $or: [{ place: ["N"] }, { day: ["Mon"] }] }, [{ day: "Mon" }, { day: "Tue" }], [0]],
    ["Not", { weather: [{ "anything-but": ["Raining"] }] }, [{ weather: "Sunny" }, { weather: "Raining" }, {}], [0]],
    ["Numeric (equals)", { price: [{ numeric: ["=", 100] }] }, [{ price: 100 }, { price: "100" }], [0]],
    ["Numeric (range)", { price: [{ numeric: [">", 10, "<=", 20] }] }, [{ price: 20 }, { price: 10 }], [0]],
    ["Exists", { product: [{ exists: true }] }, [{ product: 1 }, { product: { a: 1 } }, {}], [0]],
    ["Does not exist", { product: [{ exists: false }] }, [{ product: 1 }, { product: { a: 1 } }, {}], [1, 2]],
    ["Begins with", { region: [{ prefix: "us-" }] }, [{ region: "us-east-1" }, { region: "eu" }], [0]],
    ["Ends with", { file: [{ suffix: ".png" }] }, [{ file: "a.png" }, { file: "png" }], [0]],
    ["IP address", { ip: [{ cidr: "10.0.0.0/24" }] }, [{ ip: "10.0.0.9" }, { ip: "10.0.1.9" }, { ip: 10 }], [0]],
  ])("%s", (_, pattern, values, expected) => {
    expect(
      passing(
        criteria({ value: pattern }),
        values.map((value) => ({ value })),
      ),
    ).toEqual(expected);
  });
});

test("FC1: a record passes by one of several filters, and all do where there are none", () => {
  const two = criteria({ value: { a: [1] } }, { value: { b: [1] } });

  expect(passing(two, [{ value: { a: 1 } }, { value: { b: 1 } }, { value: { c: 1 } }])).toEqual([0, 1]);
  expect(passing(criteria(), ["a"])).toEqual([0]);
  expect(
    [undefined, null, {}].map((none) => compileFilterCriteria(none)(recordsOf(["a"])[0] ?? expect.unreachable())),
  ).toEqual([true, true, true]);
});

describe("FC2: of the form that a filter is about", () => {
  const bytes = new Uint8Array([0xff, 0xfe]);
  const inputs = ["text", { value: { a: 1 } }, { value: [{ a: 1 }] }, { value: bytes }, { value: null }, "{ text", "5"];

  test.each<[string, object, readonly number[]]>([
    ["a list judges texts only", { value: ["none"] }, [1, 2, 3, 4]],
    ["an object judges JSON only", { value: { a: [2] } }, [0, 3, 4, 5, 6]],
    ["a list takes a text that looks like a number for a text", { value: ["5"] }, [1, 2, 3, 4, 6]],
    ["keys too", { key: ["none"] }, [0, 1, 2, 3, 4, 5, 6]],
    ["all parts have to pass", { key: ["none"], value: ["none"] }, [1, 2, 3, 4]],
    ["one side of several is enough", { $or: [{ value: ["text"] }, { value: ["5"] }] }, [0, 1, 2, 3, 4, 6]],
  ])("%s", (_, pattern, expected) => {
    expect(passing(criteria(pattern), inputs)).toEqual(expected);
  });
});

describe("a record that is built to stop a filter", () => {
  test("has arrays within arrays, as deep as it is long", () => {
    const nested = (inner: string) => `{"a":${"[".repeat(200_000)}${inner}${"]".repeat(200_000)}}`;

    expect(passing(criteria({ value: { a: [1] } }), [nested("1"), nested("2")])).toEqual([0]);
  });

  test("has many objects, in each of which a field is asked for that has to be nowhere", () => {
    let reads = 0;
    const countReads = () => {
      reads += 1;
      return undefined;
    };
    const one = new Proxy({}, { getOwnPropertyDescriptor: countReads });
    const matches = compileEventPattern({ a: { b: [{ exists: false }] } }, "Pattern");

    expect(matches({ a: [...Array.from({ length: 1_000 }, () => one), { b: 1 }] })).toBe(false);
    expect(reads).toBeLessThan(10_000);
  });
});

test.each<[RegExp, unknown]>([
  [/FilterCriteria has filters; expected Filters/, { filters: [] }],
  [/FilterCriteria is \[\]; expected \{ Filters/, []],
  [/FilterCriteria is .*; expected \{ Filters/, { Filters: {} }],
  [/Filters\[0\]\.Pattern is missing; expected a text of JSON/, { Filters: [{}] }],
  [/Filters\[0\]\.Pattern is not JSON: "\{value/, { Filters: [{ Pattern: "{value: [1]}" }] }],
  [
    /Filters\[1\]\.Pattern is \{\}; expected an object/,
    { Filters: [...criteria({ value: [1] }).Filters, { Pattern: "{}" }] },
  ],
  [/filters by topic; of Kafka's records .* value only/, criteria({ topic: ["orders"] })],
  [/Pattern\."value"\."a" is empty; expected one value or more/, criteria({ value: { a: [] } })],
  [
    /Pattern\."value"\."a"\[0\] has the operator "regex"; expected one of exactly, prefix/,
    criteria({ value: { a: [{ regex: "x" }] } }),
  ],
  [/Pattern\."value"\."a" is no pattern; expected an object/, criteria({ value: { a: 1 } })],
  [/\[0\]\.numeric is \["!=",1\]; expected a comparison/, criteria({ value: [{ numeric: ["!=", 1] }] })],
  [/\[0\]\.cidr is "10\.0\.0\.1"; expected an address and its bits/, criteria({ value: [{ cidr: "10.0.0.1" }] })],
  [/\[0\]\.wildcard is "a\*\*"; expected no two asterisks/, criteria({ value: [{ wildcard: "a**" }] })],
  [/\[0\]\.exists is 1; expected true or false/, criteria({ value: [{ exists: 1 }] })],
])("is refused by name: %s", (message, given) => {
  expect(() => compileFilterCriteria(given as never)).toThrow(message);
});
