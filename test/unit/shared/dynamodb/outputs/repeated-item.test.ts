import type { AttributeValue, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { describe, expect, test } from "vitest";
import { RepeatedItemError } from "../../../../../shared/core/errors.ts";
import { checkOutputs } from "../../../../../shared/dynamodb/outputs/outputs.ts";
import { del, put, update } from "../../../../../shared/dynamodb/outputs/plain-outputs.ts";
import { findRepeatedItem, type TableKeys } from "../../../../../shared/dynamodb/outputs/repeated-item.ts";

const byId: TableKeys = { keys: [{ name: "id", isSortKey: false }], types: new Map() };
const known = (name: string) => (name === "orders" ? byId : undefined);
const add = (id: unknown) => update("others", { id }, { add: { count: 1 } });

describe("an item stands twice", () => {
  test.each<[string, readonly TransactWriteItem[], readonly [number, number]]>([
    [
      "by two puts whose table's key is known",
      [put("orders", { id: "a", n: 1 }), put("orders", { id: "a", n: 2 })],
      [0, 1],
    ],
    [
      "by a put and a deletion",
      [put("orders", { id: "b" }), put("orders", { id: "a" }), del("orders", { id: "a" })],
      [1, 2],
    ],
    ["by updates, which name their key", [add("a"), add("b"), add("a")], [0, 2]],
    ["by numbers that are one", [add(1), add(2), numbered("01.0")], [0, 2]],
    ["by bytes", [add(Buffer.from("a")), add(new Uint8Array([97]))], [0, 1]],
  ])("%s", (_, outputs, outputIndexes) => {
    expect(findRepeatedItem(outputs, known)).toMatchObject({ outputIndexes });
    expect(() => checkOutputs(outputs, known)).toThrow(RepeatedItemError);
  });

  test("named with its table, its key and both outputs, and what to do", () => {
    const outputs = [put("orders", { id: "b" }), put("orders", { id: "a" }), put("orders", { id: "a" })];
    const check = () => checkOutputs(outputs, known);

    expect(check).toThrow(
      expect.objectContaining({
        tableName: "orders",
        itemKey: '{"id":{"S":"a"}}',
        outputIndexes: [1, 2],
        retryable: false,
      }),
    );
    expect(check).toThrow(
      'outputs[1] and outputs[2] are of one item, {"id":{"S":"a"}} of table orders, and a transaction takes one of them: make one of both, or, of two records, let range.writeEach commit in between; nothing was written',
    );
  });
});

test.each<[string, readonly TransactWriteItem[]]>([
  ["two puts to a table whose key is not known", [put("others", { id: "a" }), put("others", { id: "a" })]],
  ["one key in two tables", [del("orders", { id: "a" }), del("others", { id: "a" })]],
  ["a number and the text of it", [add(1), add("1")]],
  ["numbers that differ", [add(10), add(1), add(-1), add(0.1), add(100)]],
])("no item stands twice in %s", (_, outputs) => {
  expect(findRepeatedItem(outputs, known)).toBeUndefined();
});

function numbered(N: string): TransactWriteItem {
  const Key: Record<string, AttributeValue> = { id: { N } };
  return { Delete: { TableName: "others", Key } };
}
