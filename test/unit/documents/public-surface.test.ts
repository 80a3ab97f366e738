// That the surface stands in its document is held by generated.test.ts.

import { describe, expect, test } from "vitest";
import { parseDeclarations, undocumentedMembers } from "../../documents/declarations.ts";
import { readPublicSurface } from "../../documents/public-surface.ts";

/** Words of the glossary, and members whose type says all that there is to say. */
const OBVIOUS = new Set([
  ...["topic", "partition", "offset", "key", "pipeline", "host", "port", "topics", "assign", "timestamp"],
  ...["kind", "error", "transactions", "mechanism", "tableName", "wereRefused", "constructor"],
  ...["ledgerTableName", "process", "schedulerFunctionName", "processorFunctionName"],
]);

const { entries } = readPublicSurface();

test("the package has its entries, each with symbols", () => {
  expect(entries.map(({ specifier }) => specifier)).toEqual(
    expect.arrayContaining(["kafka-offset-ranges", "kafka-offset-ranges/cdk", "kafka-offset-ranges/reader"]),
  );
  expect(entries.filter(({ symbols }) => symbols.length === 0)).toEqual([]);
});

describe.each(entries)("$specifier", ({ symbols }) => {
  test("each symbol says what it is", () => {
    expect(symbols.filter(({ isDocumented }) => !isDocumented).map(({ name }) => name)).toEqual([]);
  });

  test("each member says what it is, unless its name does", () => {
    const silent = symbols.flatMap((symbol) =>
      undocumentedMembers(symbol)
        .filter((member) => !OBVIOUS.has(member))
        .map((member) => `${symbol.name}.${member}`),
    );

    expect(silent).toEqual([]);
  });
});

test("a declaration is read with its docstring, and what it lacks is seen", () => {
  const { declarations, imports, exports } = parseDeclarations(
    [
      'import type { A, B as C } from "./a.ts";',
      'export { type D, e } from "./d.ts";',
      "/**",
      " * A thing.",
      " */",
      "export interface Thing extends A {",
      "    /** Said. */",
      "    readonly said: string;",
      "    readonly silent?: C;",
      "    act(now: number): void;",
      "}",
      "interface Other {",
      "    readonly x: string;",
      "}",
      "export {};",
    ].join("\n"),
  );
  const thing = declarations.get("Thing");

  expect([...declarations].map(([name, { isDocumented }]) => [name, isDocumented])).toEqual([
    ["Thing", true],
    ["Other", false],
  ]);
  expect(thing && undocumentedMembers(thing)).toEqual(["silent", "act"]);
  expect(imports.get("C")).toEqual({ name: "B", from: "./a.ts" });
  expect(exports.map(({ name }) => name)).toEqual(["D", "e"]);
});
