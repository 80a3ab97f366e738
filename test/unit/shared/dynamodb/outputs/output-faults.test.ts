import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { findOutputFault } from "../../../../../shared/dynamodb/outputs/output-faults.ts";
import type { TableKeys } from "../../../../../shared/dynamodb/outputs/repeated-item.ts";

const pairs: TableKeys = {
  keys: [
    { name: "a", isSortKey: false },
    { name: "b", isSortKey: true },
  ],
  types: new Map([
    ["a", "S"],
    ["b", "S"],
    ["indexed", "N"],
  ]),
};

type Item = Record<string, AttributeValue>;

const key = { a: { S: "x" }, b: { S: "y" } };
const put = (item: Item): TransactWriteItem => ({ Put: { TableName: "pairs", Item: item } });
const remove = (item: Item): TransactWriteItem => ({ Delete: { TableName: "pairs", Key: item } });

const find = (outputs: readonly TransactWriteItem[], keys: TableKeys | undefined = pairs) =>
  findOutputFault(outputs, (name) => (name === "pairs" ? keys : undefined));

describe("what is wrong with an output is found by its table's keys", () => {
  test.each<[string, TransactWriteItem, string]>([
    [
      "a partition key of 2,049 bytes",
      put({ ...key, a: { S: "x".repeat(2_049) } }),
      "a has 2049 bytes, more than 2048",
    ],
    ["a sort key of 1,025 bytes", put({ ...key, b: { S: "x".repeat(1_025) } }), "b has 1025 bytes, more than 1024"],
    ["one of a deletion", remove({ ...key, b: { S: "ü".repeat(513) } }), "b has 1026 bytes, more than 1024"],
    ["an empty key", put({ ...key, b: { S: "" } }), "its key attribute b is empty"],
    ["a missing key", put({ a: { S: "x" } }), "its key attribute b is missing"],
    ["a key too many", remove({ ...key, c: { S: "x" } }), "its key has c, which is no key attribute of the table"],
    ["a key of another type", put({ ...key, b: { N: "5" } }), "its attribute b has type N, and S as a key"],
    ["an index's key of another type", put({ ...key, indexed: { S: "5" } }), "indexed has type S, and N as a key"],
    ["an item of 410 KB", put({ ...key, body: { S: "x".repeat(410_000) } }), "bytes, more than 409600"],
    ["a number that is none", put({ ...key, n: { N: "NaN" } }), '"NaN" is no number of at most 38 digits'],
    ["a number without digits", put({ ...key, n: { N: "" } }), '"" is no number of at most 38 digits'],
    ["a number of 39 digits", put({ ...key, n: { NS: ["1".repeat(39)] } }), "is no number of at most 38 digits"],
    ["an empty set", put({ ...key, s: { L: [{ SS: [] }] } }), "a set is empty"],
    ["a set with an element twice", put({ ...key, s: { M: { s: { BS: [Buffer.of(1), Buffer.of(1)] } } } }), "twice"],
  ])("%s", (_, output, why) => {
    const fine = put({ a: { S: "another" }, b: { S: "y" } });

    expect(find([fine, output])).toEqual({ index: 1, why: expect.stringContaining(why) });
  });
});

test.each(["1", "-1.5", "+.5", "1.", "1e5", "1.5E-120", "0".repeat(60), `1${"0".repeat(60)}`])(
  "takes %s for the number that it is",
  (N) => {
    expect(find([put({ ...key, n: { N } })])).toBeUndefined();
  },
);

test("an item that stands twice is found whatever is done with it, and both outputs are named", () => {
  const again = (second: number) => ({
    index: second,
    why: 'outputs[0] is of the same item {"a":{"S":"x"},"b":{"S":"y"}}',
    repeated: { tableName: "pairs", key, outputIndexes: [0, second] },
  });

  expect(find([put(key), put({ ...key, n: { N: "5" } })])).toEqual(again(1));
  expect(find([put(key), put({ ...key, a: { S: "z" } }), remove({ b: key.b, a: key.a })])).toEqual(again(2));
  expect(find([put(key), { Delete: { TableName: "others", Key: key } }])).toBeUndefined();
});

test("of a table whose keys are not known, keys that stand alone are judged", () => {
  const unknown = (output: TransactWriteItem[]) => findOutputFault(output, () => undefined);

  expect(unknown([remove({ a: { S: "" } })])?.why).toBe("its key attribute a is empty");
  expect(unknown([remove({ a: { S: "x".repeat(2_049) } })])?.why).toContain("2049 bytes");
  expect(unknown([remove(key), remove(key)])?.index).toBe(1);
  expect(unknown([put(key), put(key)])).toBeUndefined();
});

describe("a table's attribute may have the name of something that every object has", () => {
  // A computed name makes an attribute of `__proto__`.
  const named = (name: string, value: AttributeValue): Item => Object.fromEntries([[name, value]]);
  const keyed = (name: string): TableKeys => ({ keys: [{ name, isSortKey: false }], types: new Map([[name, "S"]]) });

  test.each(["constructor", "__proto__", "toString"])("%s", (name) => {
    const why = (item: Item, keys = keyed(name)) => find([put(item)], keys)?.why;
    const indexed: TableKeys = { keys: [{ name: "a", isSortKey: false }], types: new Map([[name, "S"]]) };

    expect(why({ n: { N: "5" } })).toBe(`its key attribute ${name} is missing`);
    expect(why({ a: { S: "x" } }, indexed)).toBeUndefined();
    expect(why(named(name, { N: "5" }))).toBe(`its attribute ${name} has type N, and S as a key`);
    expect(why(named(name, { S: "x" }))).toBeUndefined();
    expect(find([put(named(name, { S: "x" })), remove(named(name, { S: "x" }))], keyed(name))?.index).toBe(1);
  });

  test("a type that is undefined beside another one is none", () => {
    const number = { S: undefined, N: "5" } as unknown as AttributeValue; // As code without types makes it.

    expect(find([put({ ...key, b: number })])?.why).toBe("its attribute b has type N, and S as a key");
  });
});
