import { describe, expect, test } from "vitest";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { checkOutputs } from "../../../../../shared/dynamodb/outputs/outputs.ts";
import { del, put, update } from "../../../../../shared/dynamodb/outputs/plain-outputs.ts";

interface Order {
  readonly id: string;
  readonly total: number;
  readonly note?: string | undefined;
}

describe("PO1: plain values", () => {
  test("become DynamoDB's, each as its type", () => {
    const item = {
      ...{ text: "a", number: 1.5, large: 12_345_678_901_234_567_890n, flag: true, none: null },
      ...{ bytes: Buffer.from("b"), set: new Set(["x"]), list: [1, "a"], map: { inner: { deep: false } } },
    };

    expect(put("things", item)).toEqual({
      Put: {
        TableName: "things",
        Item: {
          text: { S: "a" },
          number: { N: "1.5" },
          large: { N: "12345678901234567890" },
          flag: { BOOL: true },
          none: { NULL: true },
          bytes: { B: Buffer.from("b") },
          set: { SS: ["x"] },
          list: { L: [{ N: "1" }, { S: "a" }] },
          map: { M: { inner: { M: { deep: { BOOL: false } } } } },
        },
      },
    });
  });

  test("that are undefined are left out, also inside", () => {
    const order: Order = { id: "a", total: 5, note: undefined };

    expect(put("orders", { ...order, more: { note: undefined } }).Put?.Item).toEqual({
      id: { S: "a" },
      total: { N: "5" },
      more: { M: {} },
    });
  });

  test.each([
    ["a number that is not exact", 2 ** 53],
    ["a number that is none", Number.NaN],
    ["a date", new Date(0)],
    ["a symbol", Symbol("s")],
    ["an empty set", new Set()],
    ["one of these inside", { inner: [new Date(0)] }],
  ])("that are %s are refused by the attribute's name", (_, when) => {
    const refused = () => put("orders", { id: "a", when });

    expect(refused).toThrow(InvalidOutputError);
    expect(refused).toThrow("put to table orders: its attribute when has a value without a type in DynamoDB: expected");
  });

  test.each([[null], [undefined], ["text"], [["a"]]])("%j is no item", (item) => {
    expect(() => put("orders", item as never)).toThrow("put to table orders: expected an object of attributes");
  });
});

test("an update sets, adds and removes, whatever the attributes are called", () => {
  const output = update("words", { word: "a" }, { set: { name: "x", size: 1 }, add: { count: 2n }, remove: ["old"] });

  expect(output).toEqual({
    Update: {
      TableName: "words",
      Key: { word: { S: "a" } },
      UpdateExpression: "SET #set0 = :set0, #set1 = :set1 ADD #add0 :add0 REMOVE #remove0",
      ExpressionAttributeNames: { "#set0": "name", "#set1": "size", "#add0": "count", "#remove0": "old" },
      ExpressionAttributeValues: { ":set0": { S: "x" }, ":set1": { N: "1" }, ":add0": { N: "2" } },
    },
  });
  expect(update("words", { word: "a" }, { remove: ["old"] }).Update).not.toHaveProperty("ExpressionAttributeValues");
});

test.each([[{}], [{ set: {} }], [{ set: { a: undefined } }], [{ remove: [] }]])(
  "an update by %j is refused",
  (changes) => {
    expect(() => update("words", { word: "a" }, changes)).toThrow("update of table words changes nothing");
  },
);

test("each takes a condition with names and plain values", () => {
  const condition = { expression: "#v < :v", names: { "#v": "version" }, values: { ":v": 5n } };
  const made = {
    ConditionExpression: "#v < :v",
    ExpressionAttributeNames: { "#v": "version" },
    ExpressionAttributeValues: { ":v": { N: "5" } },
  };

  expect(put("orders", { id: "a" }, condition).Put).toMatchObject(made);
  expect(del("orders", { id: "a" }, condition).Delete).toMatchObject({ Key: { id: { S: "a" } }, ...made });
  expect(update("orders", { id: "a" }, { set: { total: 1 } }, condition).Update).toMatchObject({
    ConditionExpression: "#v < :v",
    ExpressionAttributeNames: { "#v": "version", "#set0": "total" },
    ExpressionAttributeValues: { ":v": { N: "5" }, ":set0": { N: "1" } },
  });
  expect(put("orders", { id: "a" }, { expression: "attribute_not_exists(id)" }).Put).toEqual({
    TableName: "orders",
    Item: { id: { S: "a" } },
    ConditionExpression: "attribute_not_exists(id)",
  });
});

test("what they make has the shape of an output", () => {
  checkOutputs([
    put("orders", { id: "a" }),
    update("orders", { id: "b" }, { add: { count: 1 } }, { expression: "attribute_exists(id)" }),
    del("orders", { id: "c" }),
  ]);
});
