import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { ConfigurationError, InvalidOutputError, OutputLimitError } from "../../../../../shared/core/errors.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../../../../../shared/dynamodb/items/limits.ts";
import { checkOutputs } from "../../../../../shared/dynamodb/outputs/outputs.ts";

const fine = { Put: { TableName: "words", Item: { word: { S: "a" } } } };

/** A put of one attribute whose value is this. */
const put = (value: unknown, name = "n") => ({ Put: { TableName: "words", Item: { [name]: value } } });

/** As code without types would pass them. */
const check = (...outputs: readonly unknown[]) => checkOutputs(outputs as readonly TransactWriteItem[]);

const fineWith = (fields: object) => ({ Put: { ...fine.Put, ...fields } });

const BYTES = new Uint8Array(1);

/** Both, with a hole between them. */
function sparse(first: unknown, last: unknown): readonly unknown[] {
  const array = [first];
  array[2] = last;
  return array;
}

function nested(depth: number): object {
  return Array.from({ length: depth }).reduce<object>((inner) => ({ L: [inner] }), { S: "x" });
}

function endless(): object {
  const map: Record<string, unknown> = {};
  map["m"] = { M: map };
  return { M: map };
}

test.each<[string, unknown, string]>([
  ["null", null, "outputs[1] is null: expected an object with one of Put, Update, Delete, ConditionCheck"],
  ["undefined", undefined, "outputs[1] is undefined: expected an object"],
  ["a text", "abc", 'outputs[1] is "abc": expected an object'],
  ["an empty action", {}, "outputs[1] has nothing: expected exactly one of Put, Update"],
  ["a misspelt action", { put: fine.Put }, "outputs[1] has put: expected exactly one of Put, Update"],
  ["two actions", { ...fine, Delete: fine.Put }, "outputs[1] has Put, Delete: expected exactly one of"],
  ["no table", { Put: { Item: {} } }, "outputs[1].Put.TableName is undefined: expected the table's name"],
  ["no item", { Put: { TableName: "words" } }, "outputs[1].Put.Item is undefined: expected an object of attribute"],
  ["no key", { Update: { TableName: "words" } }, "outputs[1].Update.Key is undefined: expected an object of"],
  [
    "a misspelt condition",
    fineWith({ ConditionExpresion: "n > 0" }),
    "Put.ConditionExpresion is unknown: expected one of",
  ],
  [
    "a condition of null",
    fineWith({ ConditionExpression: null }),
    "Put.ConditionExpression is null: expected an express",
  ],
  [
    "an update's field in a put",
    fineWith({ UpdateExpression: "SET n = 1" }),
    "outputs[1].Put.UpdateExpression is unknown",
  ],
  ["an item as a list", { Put: { TableName: "words", Item: [] } }, "outputs[1].Put.Item is []: expected an object of"],
  ["a bare value", put("a"), 'outputs[1].Put.Item.n is "a": expected an attribute value of one type, as { S: "a" }'],
  ["an undefined value", put(undefined), "outputs[1].Put.Item.n is undefined: expected an attribute value"],
  ["a null value", put(null), "outputs[1].Put.Item.n is null: expected an attribute value"],
  ["a value of two types", put({ S: "1", N: "1" }), "outputs[1].Put.Item.n is {"],
  ["a value of no type", put({}), "outputs[1].Put.Item.n is {}: expected an attribute value of one type"],
  ["an unknown type", put({ X: 1 }), 'outputs[1].Put.Item.n has type "X": expected one of S, N, B, BOOL, NULL, SS'],
  ["a type named as what every object has", put({ toString: "a" }), 'has type "toString": expected one of S, N, B'],
  ["a type named as every object's origin", put(JSON.parse('{"__proto__":"a"}')), 'has type "__proto__": expected one'],
  [
    "a map as a Map",
    put({ M: new Map([["a", { S: "x" }]]) }),
    'n.M is {"a":{"S":"x"}}: expected an object of attribute',
  ],
  ["a map as a Set", put({ M: new Set(["a"]) }), "outputs[1].Put.Item.n.M is {}: expected an object of attribute"],
  ["a map as a Date", put({ M: new Date(0) }), 'n.M is "1970-01-01T00:00:00.000Z": expected an object of attribute'],
  ["a number as text", put({ S: 5 }), "outputs[1].Put.Item.n.S is 5: expected a text"],
  ["a number", put({ N: 5 }), 'outputs[1].Put.Item.n.N is 5: expected a number as text, as "5"'],
  ["a bigint", put({ N: 5n }), 'outputs[1].Put.Item.n.N is "5": expected a number as text'],
  ["a text as bytes", put({ B: "abc" }), 'outputs[1].Put.Item.n.B is "abc": expected a Uint8Array'],
  ["a set of numbers", put({ NS: [1] }), "outputs[1].Put.Item.n.NS is [1]: expected an array, each a number as text"],
  ["a list of texts", put({ L: ["a"] }), 'outputs[1].Put.Item.n.L[0] is "a": expected an attribute value'],
  ["a hidden null", put({ M: { a: { L: [null] } } }), "outputs[1].Put.Item.n.M.a.L[0] is null: expected"],
  ["a value without an end", put(endless()), "is nested deeper than DynamoDB takes"],
  ["a field beside the action", { ...fine, Foo: 1 }, "outputs[1] has Put, Foo: expected exactly one of Put, Update"],
  ["null beside the action", { ...fine, Delete: null }, "outputs[1] has Put, Delete: expected exactly one of"],
  [
    "null as values",
    fineWith({ ExpressionAttributeValues: null }),
    "Put.ExpressionAttributeValues is null: expected an",
  ],
  ["null as names", fineWith({ ExpressionAttributeNames: null }), "Put.ExpressionAttributeNames is null: expected an"],
  ["a list of names", fineWith({ ExpressionAttributeNames: ["n"] }), 'Put.ExpressionAttributeNames is ["n"]: expected'],
  [
    "a name of an expression",
    fineWith({ ExpressionAttributeNames: { "#n": { S: "n" } } }),
    'outputs[1].Put.ExpressionAttributeNames."#n" is {"S":"n"}: expected an attribute\'s name as text',
  ],
  [
    "a wish to see old values",
    fineWith({ ReturnValuesOnConditionCheckFailure: "OLD" }),
    'outputs[1].Put.ReturnValuesOnConditionCheckFailure is "OLD": expected ALL_OLD or NONE',
  ],
  [
    "an update without its expression",
    { Update: { TableName: "words", Key: { word: { S: "a" } } } },
    "outputs[1].Update.UpdateExpression is undefined: expected an expression as text",
  ],
  [
    "a check without its condition",
    { ConditionCheck: { TableName: "words", Key: { word: { S: "a" } } } },
    "outputs[1].ConditionCheck.ConditionExpression is undefined: expected an expression as text",
  ],
  [
    "a set of texts with a hole",
    put({ SS: sparse("a", "b") }),
    'n.SS is ["a",null,"b"]: expected an array, each a text',
  ],
  [
    "a set of numbers with a hole",
    put({ NS: sparse("1", "2") }),
    'outputs[1].Put.Item.n.NS is ["1",null,"2"]: expected',
  ],
  ["a set of bytes with a hole", put({ BS: sparse(BYTES, BYTES) }), "outputs[1].Put.Item.n.BS is [{"],
  [
    "a list with a hole",
    put({ L: sparse({ S: "a" }, { S: "b" }) }),
    "outputs[1].Put.Item.n.L[1] is undefined: expected",
  ],
  [
    "a value of an expression",
    {
      Update: {
        TableName: "words",
        Key: { word: { S: "a" } },
        ExpressionAttributeValues: { ":n": 5 },
      },
    },
    'outputs[1].Update.ExpressionAttributeValues.":n" is 5: expected an attribute value',
  ],
])("OU1: %s among the outputs is named by its place, with what was expected", (_, output, message) => {
  const refused = () => check(fine, output);

  expect(refused).toThrow(InvalidOutputError);
  expect(refused).toThrow(message);
  expect(refused).toThrow(expect.objectContaining({ outputIndex: 1 }));
});

test.each(["", "ab", "a b c", "words!", "x".repeat(256)])(
  "OU2: a table that cannot be named %j is the configuration's",
  (TableName) => {
    const refused = () => check({ Put: { TableName, Item: { word: { S: "a" } } } });

    expect(refused).toThrow(ConfigurationError);
    expect(refused).toThrow("outputs[0].Put.TableName is");
  },
);

test("every kind of value and of action is taken", () => {
  const Item = {
    s: { S: "" },
    n: { N: "5" },
    b: { B: Buffer.from("a") },
    flag: { BOOL: false },
    none: { NULL: true },
    sets: { L: [{ SS: ["a"] }, { NS: ["1"] }, { BS: [new Uint8Array(1)] }] },
    map: { M: { a: { M: {} }, undefinedToo: { S: "x", N: undefined } } },
    deep: nested(MAX_ATTRIBUTE_DEPTH - 10),
  };
  const Key = { word: { S: "a" } };
  const TableName = "arn:aws:dynamodb:us-east-1:000000000000:table/words";

  check(
    { Put: { TableName: "words", Item } },
    { Update: { TableName, Key, UpdateExpression: "SET a = :a", ExpressionAttributeValues: { ":a": { S: "a" } } } },
    { Delete: { TableName, Key: { word: { S: "b" } }, ExpressionAttributeValues: undefined }, Put: undefined },
    {
      ConditionCheck: {
        TableName,
        Key: { word: { S: "c" } },
        ConditionExpression: "attribute_exists(#w)",
        ExpressionAttributeNames: { "#w": "word" },
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      },
    },
  );
});

test("one output larger than a transaction is the record's, several together are its size", () => {
  const large = (bytes: number) => put({ S: "x".repeat(bytes) });

  expect(() => check(fine, large(4_000_001))).toThrow(InvalidOutputError);
  expect(() => check(fine, large(4_000_001))).toThrow(/^outputs\[1\] of 2, Put to table words, .* has 40000\d\d bytes/);
  expect(() => check(large(2_000_000), large(2_000_000), fine)).toThrow(OutputLimitError);
});
