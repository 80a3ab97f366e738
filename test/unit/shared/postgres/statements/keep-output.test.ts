import { expect, test } from "vitest";
import { ValueError } from "../../../../../shared/postgres/statements/encode-value.ts";
import { keepOutput } from "../../../../../shared/postgres/statements/keep-output.ts";
import { bulkStatement, type PostgresOutput } from "../../../../../shared/postgres/statements/postgres-statement.ts";

const insert = bulkStatement("INSERT INTO orders SELECT * FROM unnest($1::bigint[], $2::text[])", { key: [1] });

test("a statement is kept with its values encoded, a row with its elements and its key", () => {
  expect(keepOutput({ text: "DELETE FROM orders WHERE id = $1", values: [5] })).toEqual({
    kind: "statement",
    text: "DELETE FROM orders WHERE id = $1",
    values: ["5"],
    bytes: 33,
  });
  expect(keepOutput(insert(5, null))).toMatchObject({ kind: "row", elements: ['"5"', "NULL"], key: '"5"', bytes: 7 });
});

test("KO1: what begins or ends a transaction, or reaches beyond it, is refused", () => {
  expect(() => keepOutput({ text: "SET search_path = x" })).toThrow("in one transaction with the range's progress");
  expect(() => keepOutput(bulkStatement(";COMMIT")(1))).toThrow("COMMIT is not for outputs");
});

test.each<[string, unknown]>([
  ["text alone", "INSERT INTO orders VALUES (1)"],
  ["null", null],
  ["an item of DynamoDB", { Put: {} }],
  ["a text that is none", { text: 5 }],
  ["a NUL in the text", { text: "SELECT '\0'" }],
  ["values that are none", { text: "SELECT $1", values: 5 }],
  ["a value that is none", { text: "SELECT $1", values: [undefined] }],
  ["a row of nothing", insert()],
  ["an array in a row", insert(1, [2])],
  ["a row without its key", bulkStatement("SELECT 1", { key: [2] })(1)],
  ["a row of no statement", { bulk: undefined, row: [1] }],
])("what is no output is refused: %s", (_, output) => {
  expect(() => keepOutput(output as PostgresOutput)).toThrow(ValueError);
});

test("a refusal names the value and says what to do", () => {
  expect(() => keepOutput({ text: "SELECT $1, $2", values: [1, undefined as unknown as null] })).toThrow(
    "values[1] is undefined; give null for NULL",
  );
});
