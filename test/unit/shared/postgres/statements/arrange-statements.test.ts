import { expect, test } from "vitest";
import { arrangeStatements, halve } from "../../../../../shared/postgres/statements/arrange-statements.ts";
import { keepOutput } from "../../../../../shared/postgres/statements/keep-output.ts";
import { bulkStatement, type PostgresOutput } from "../../../../../shared/postgres/statements/postgres-statement.ts";

const orders = bulkStatement<[number]>("INSERT orders");
const lines = bulkStatement<[number, string]>("INSERT lines");
const totals = bulkStatement<[string, number]>("INSERT totals", { key: [1] });
const single: PostgresOutput = { text: "INSERT single" };

function arrange(...outputs: readonly PostgresOutput[]) {
  return arrangeStatements(outputs.map(keepOutput)).map(({ text, values, outputs: places }) => [text, values, places]);
}

test("GB1, GB2: rows are gathered between single statements, in the order in which their statements were first used", () => {
  expect(arrange(orders(1), lines(1, "a"), lines(1, "b"), orders(2), single, lines(2, "c"), orders(3))).toEqual([
    ["INSERT orders", ['{"1","2"}'], [0, 3]],
    ["INSERT lines", ['{"1","1"}', '{"a","b"}'], [1, 2]],
    ["INSERT single", [], [4]],
    ["INSERT lines", ['{"2"}', '{"c"}'], [5]],
    ["INSERT orders", ['{"3"}'], [6]],
  ]);
});

test("GB3: a second row of a key begins another statement", () => {
  expect(arrange(totals("a", 1), totals("b", 2), totals("a", 3), totals("c", 4), totals("a", 5))).toEqual([
    ["INSERT totals", ['{"a","b"}', '{"1","2"}'], [0, 1]],
    ["INSERT totals", ['{"a","c"}', '{"3","4"}'], [2, 3]],
    ["INSERT totals", ['{"a"}', '{"5"}'], [4]],
  ]);
});

test("rows of another length are a statement of their own", () => {
  const loose = bulkStatement("INSERT loose");

  expect(arrange(loose(1, 2), loose(3))).toHaveLength(2);
});

test("halves have all rows between them, in their order", () => {
  const [bulk] = arrangeStatements([orders(1), orders(2), orders(3)].map(keepOutput));

  const halves = bulk === undefined ? [] : halve(bulk);

  expect(halves.map(({ values, outputs }) => [values, outputs])).toEqual([
    [['{"1","2"}'], [0, 1]],
    [['{"3"}'], [2]],
  ]);
});

test("nothing written is nothing sent", () => {
  expect(arrange()).toEqual([]);
});
