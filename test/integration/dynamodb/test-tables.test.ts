// What runRange's tables make of a transaction, held against what DynamoDB makes of it: the
// same items, or a refusal of the same kind.

import { randomUUID } from "node:crypto";
import {
  type AttributeValue,
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  ScanCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { canonical } from "../../../functions/testing/tables/attribute-values.ts";
import { RESERVED_WORDS } from "../../../functions/testing/tables/reserved-words.ts";
import { TestTables } from "../../../functions/testing/tables/test-tables.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { del, put, update } from "../../../shared/dynamodb/outputs/plain-outputs.ts";
import { createLedgerClient } from "../../support/ledger/ledger-table.ts";

const name = `t-${randomUUID()}`;
let client: DynamoDBClient;
beforeAll(async () => {
  client = createLedgerClient(inject("dynamodbLocal.endpoint"));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    }),
  );
});
afterAll(async () => {
  await client.send(new DeleteTableCommand({ TableName: name }));
  client.destroy();
});

const scan = async () => {
  const { Items = [] } = await client.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
  return Items;
};

const before = {
  ...{ id: "a", n: 5, frac: 1.25, txt: "hello", flag: true, nil: null, byt: Buffer.from("abc") },
  ...{
    lst: [1, "two", { three: 3 }],
    doc: { inn: { deep: 1 } },
    words: new Set(["x", "y"]),
    numbers: new Set([1, 2]),
  },
};

type Outputs = (table: string) => readonly TransactWriteItem[];

/** Both tables after the transaction; or that it was refused. */
async function bothAfter(outputs: Outputs) {
  const left = (await scan()).filter(({ id }) => id?.S !== "a").map(({ id }) => del(name, { id: id?.S }));
  await client.send(new TransactWriteItemsCommand({ TransactItems: [...left, put(name, before)] }));
  const tables = new TestTables({ [name]: { key: "id", items: [before] } });
  const TransactItems = [...outputs(name)];
  const real = await client.send(new TransactWriteItemsCommand({ TransactItems })).then(
    () => "written",
    ({ name: refused, CancellationReasons = [] }) =>
      String(CancellationReasons.find(({ Code }: { Code: string }) => Code !== "None")?.Code ?? refused).replace(
        /^Validation.*/,
        "Validation",
      ),
  );
  const kinds: Record<string, string> = {
    OutputRefusedError: "ConditionalCheckFailed",
    InvalidOutputError: "Validation",
    RepeatedItemError: "Validation",
  };
  let own = "written";
  try {
    tables.write(TransactItems);
  } catch (error) {
    const kind = error instanceof Error ? error.name : "";
    own = kinds[kind] ?? `${kind}: ${String(error)}`;
  }
  const sorted = (await scan()).map((item) => canonical({ M: item })).toSorted();
  const owned = tables
    .items()
    [name]?.map((item) => canonical({ M: marshall(item) }))
    .toSorted();
  return { real: { said: real, items: sorted }, own: { said: own, items: owned } };
}

async function expectSame(outputs: Outputs) {
  const { real, own } = await bothAfter(outputs);
  expect(own).toEqual(real);
  return real.said;
}

describe("conditions", () => {
  const values = {
    ":5": 5,
    ":6": 6,
    ":txt": "hello",
    ":he": "he",
    ":x": "x",
    ":N": "N",
    ":1": 1,
    ":two": "two",
    ":ab": Buffer.from("ab"),
  };
  const held = [
    "attribute_exists(id)",
    "attribute_exists(doc.inn.deep) AND attribute_not_exists(doc.oth)",
    "attribute_not_exists(absent)",
    "n = :5",
    "n <> :6",
    "n < :6 AND n <= :5 AND n >= :5",
    "NOT n > :5",
    "n BETWEEN :5 AND :6",
    "n IN (:6, :5)",
    "txt = :txt",
    "begins_with(txt, :he)",
    "begins_with(byt, :ab)",
    "contains(txt, :he)",
    "contains(words, :x)",
    "contains(numbers, :1)",
    "contains(lst, :two)",
    "lst[0] = :1",
    "size(txt) = :5",
    "size(lst) < :5",
    "attribute_type(n, :N)",
    "n = :6 OR n = :5 AND txt = :txt",
    "(n = :6 OR n = :5) AND NOT (n = :6)",
    "txt <> :5",
    "absent <> :5",
    "NOT absent = :5",
    "NOT (absent < :5)",
  ];
  const failed = [
    "attribute_not_exists(id)",
    "absent = :5",
    "absent < :5",
    "n = :txt",
    "txt < :5",
    "n = :6 AND n = :5 OR n = :6",
    "n BETWEEN :6 AND :6",
    "n IN (:6, :txt)",
    "contains(words, :two)",
    "contains(numbers, :x)",
    "begins_with(absent, :he)",
    "attribute_type(txt, :N)",
    "lst[7] = :1",
    "size(absent) < :5",
  ];
  const check = (expression: string): Outputs => {
    const used = Object.fromEntries(
      Object.entries(values).filter(([name]) => new RegExp(`${name}\\b`).test(expression)),
    );
    return (table) => [update(table, { id: "a" }, { set: { seen: true } }, { expression, values: used })];
  };

  test.each(held)("%s holds", async (expression) => {
    expect(await expectSame(check(expression))).toBe("written");
  });

  test.each(failed)("%s does not hold", async (expression) => {
    expect(await expectSame(check(expression))).toBe("ConditionalCheckFailed");
  });
});

describe("updates", () => {
  const raw = (UpdateExpression: string, ExpressionAttributeValues: Record<string, AttributeValue> = {}): Outputs => {
    const given = Object.keys(ExpressionAttributeValues).length === 0 ? {} : { ExpressionAttributeValues };
    return (TableName) => [{ Update: { TableName, Key: { id: { S: "a" } }, UpdateExpression, ...given } }];
  };
  const one = { ":v": { N: "1" } };

  test.each<[string, Record<string, AttributeValue>?]>([
    ["SET n = :v", one],
    ["SET n = n + :v", one],
    ["SET n = n - :v, frac = frac + :d", { ...one, ":d": { N: "0.75" } }],
    ["SET fresh = if_not_exists(fresh, :v) + :v", one],
    ["SET lst = list_append(lst, :l)", { ":l": { L: [{ S: "end" }] } }],
    ["SET doc.inn.deep = :v, doc.oth = :v", one],
    ["SET lst[1] = :v", one],
    ["SET lst[9] = :v", one],
    ["SET n = frac, frac = n"],
    ["REMOVE txt, doc.inn, lst[0]"],
    ["REMOVE lst[0], lst[1]"],
    ["REMOVE absent"],
    ["ADD n :v", one],
    ["ADD frac :d", { ":d": { N: "-1.25" } }],
    ["ADD fresh :v", one],
    ["ADD words :s", { ":s": { SS: ["y", "z"] } }],
    ["ADD numbers :s", { ":s": { NS: ["2.0", "3"] } }],
    ["DELETE words :s", { ":s": { SS: ["x"] } }],
    ["DELETE words :s", { ":s": { SS: ["x", "y"] } }],
    ["SET txt = :v REMOVE nil ADD n :v", one],
  ])("%s is made as DynamoDB makes it", async (expression, values) => {
    expect(await expectSame(raw(expression, values))).toBe("written");
  });

  test.each<[string, Record<string, AttributeValue>?]>([
    ["ADD txt :v", one],
    ["ADD words :s", { ":s": { NS: ["1"] } }],
    ["SET n = absent"],
    ["SET n = txt + :v", one],
    ["SET absent.inn = :v", one],
  ])("%s is refused as DynamoDB refuses it", async (expression, values) => {
    expect(await expectSame(raw(expression, values))).toBe("Validation");
  });

  test("an update begins an item", async () => {
    await expectSame((table) => [update(table, { id: "new" }, { set: { text: "x" }, add: { n: 1n } })]);
  });
});

test.each<[string, string, Outputs]>([
  ["puts replace an item whole", "written", (table) => [put(table, { id: "a", only: 1 }), put(table, { id: "b" })]],
  [
    "a deletion takes it away, and one of nothing is none",
    "written",
    (table) => [del(table, { id: "a" }), del(table, { id: "z" })],
  ],
  [
    "TT1: one condition that fails holds up all",
    "ConditionalCheckFailed",
    (table) => [put(table, { id: "b" }), put(table, { id: "a" }, { expression: "attribute_not_exists(id)" })],
  ],
  ["two outputs of an item are refused", "Validation", (table) => [del(table, { id: "a" }), put(table, { id: "a" })]],
  [
    "a check writes nothing",
    "written",
    (TableName) => [
      { ConditionCheck: { TableName, Key: { id: { S: "a" } }, ConditionExpression: "attribute_exists(id)" } },
    ],
  ],
])("%s", async (_, said, outputs) => {
  expect(await expectSame(outputs)).toBe(said);
});

test("every reserved word is one to both, and no other", async () => {
  const tables = new TestTables({ [name]: { key: "id" } });
  const isRefused = async (word: string) => {
    const output = put(name, { id: "a" }, { expression: `attribute_not_exists(${word})` });
    const said: Error = await client
      .send(new TransactWriteItemsCommand({ TransactItems: [output] }))
      .catch((error) => error);
    let own = "";
    try {
      tables.write([output]);
    } catch (error) {
      own = String(error);
    }
    // Of a few it says that the syntax is wrong.
    return [/reserved|Syntax/.test(said.message ?? ""), own.includes("reserved")];
  };
  const both = await mapConcurrently(RESERVED_WORDS, 8, isRefused);

  expect(both.filter(([real, own]) => !real || !own)).toEqual([]);
  expect(RESERVED_WORDS.length).toBeGreaterThan(500);
  expect((await isRefused("total"))[1]).toBe((await isRefused("total"))[0]);
  expect((await isRefused("word"))[1]).toBe(false);
});
