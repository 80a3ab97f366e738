import { describe, expect, test } from "vitest";
import { strayVerbOf } from "../../../../../shared/postgres/statements/statement-verb.ts";

describe("KW1: what is not known to stay in its transaction is told", () => {
  test.each([
    ["COMMIT", "COMMIT"],
    ["  rollback", "ROLLBACK"],
    ["BEGIN", "BEGIN"],
    ["START TRANSACTION", "START"],
    ["End", "END"],
    ["abort", "ABORT"],
    ["PREPARE TRANSACTION 'a'", "PREPARE"],
    ["SAVEPOINT a", "SAVEPOINT"],
    ["RELEASE a", "RELEASE"],
    ["SET search_path = x", "SET"],
    ["COPY orders FROM STDIN", "COPY"],
    ["LISTEN orders", "LISTEN"],
    ["DISCARD ALL", "DISCARD"],
    ["VACUUM orders", "VACUUM"],
    ["EXECUTE prepared", "EXECUTE"],
    ["settle()", "SETTLE"],
    ["1", "1"],
  ])("%j", (text, verb) => {
    expect(strayVerbOf(text)).toBe(verb);
  });

  test.each([
    "-- done\n",
    "--x\r",
    "/* a */ /* b */ ",
    "/* /* */ */ ",
    "/*/ */",
    "/*/**/*/",
    ";",
    "  ;; ",
    ";--;\n;/*;*/;",
    "\f\v\t\r\n",
  ])("behind %j", (before) => {
    expect(strayVerbOf(`${before}ROLLBACK`)).toBe("ROLLBACK");
    expect(strayVerbOf(`${before}INSERT INTO orders VALUES (1)`)).toBeUndefined();
  });
});

test.each([
  "SELECT begin_order($1)",
  "insert INTO commits VALUES (1)",
  "WITH a AS (SELECT 1) SELECT 1",
  "(SELECT 1)",
  "CALL settle($1)",
  "DO $$ BEGIN PERFORM 1; END $$",
  "-- ROLLBACK\nDELETE FROM orders",
  "/* /* */ COMMIT */ TABLE orders",
  // Nothing to carry out, or nothing that PostgreSQL takes.
  "",
  " ; -- COMMIT",
  "/* /* */ COMMIT",
])("what stays, or is nothing, is not told: %j", (text) => {
  expect(strayVerbOf(text)).toBeUndefined();
});

test.each(["COMMITé", "commit_1", "SELECT$1", "\ufeffSELECT 1", "sélect"])("a name is no keyword: %j", (text) => {
  expect(strayVerbOf(text)).not.toMatch(/^(?:COMMIT|SELECT)$/);
});

test("a long text is read no further than its first word", () => {
  const comments = "/* a */ -- b\n;".repeat(200_000);

  expect(strayVerbOf(`${comments}COMMIT ${comments}`)).toBe("COMMIT");
});
