// The house: which rooms there are, how large they are, and that one can walk through
// them without coming back. Which way imports may go is import-directions.test.ts.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { circles, folderGraph, importGraph } from "../support/import-graph.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAX_FILES_PER_FOLDER = 15;
const MAX_LINES = { product: 250, test: 400 };
/** Files of data, one beside the other. */
const DATA = ["test/vectors", "test/releases/frozen"];

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => path.endsWith(".ts") || path.endsWith(".js"))
  .filter((path) => !DATA.includes(dirname(path)));
const sources = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
const product = new Map([...sources].filter(([path]) => !path.startsWith("test/")));

test("no file imports itself by way of others, for its types either", () => {
  expect(circles(importGraph(sources))).toEqual([]);
});

test("no folder of the product imports itself by way of others", () => {
  expect(circles(folderGraph(importGraph(product)))).toEqual([]);
});

test(`a folder holds at most ${MAX_FILES_PER_FOLDER} files`, () => {
  const folders = Map.groupBy(files, dirname);

  expect([...folders].filter(([, inside]) => inside.length > MAX_FILES_PER_FOLDER).map(([folder]) => folder)).toEqual(
    [],
  );
});

test("a file can be read at one sitting", () => {
  const tooLong = [...sources].filter(([path, text]) => {
    const max = path.startsWith("test/") ? MAX_LINES.test : MAX_LINES.product;
    return text.split("\n").length - 1 > max;
  });

  expect(tooLong.map(([path]) => path)).toEqual([]);
});

describe("a planted circle is seen", () => {
  const range = "shared/core/range/planted.ts";
  const plan = "shared/core/plan/planted.ts";

  test.each([
    ["of two files", 'import { a } from "../plan/planted.ts";', 'import { b } from "../range/planted.ts";'],
    ["of types", 'import type { A } from "../plan/planted.ts";', 'import type { B } from "../range/planted.ts";'],
    ["of an export", 'export * from "../plan/planted.ts";', 'export { b } from "../range/planted.ts";'],
    ["of a dynamic import", 'await import("../plan/planted.ts");', 'import "../range/planted.ts";'],
  ])("%s", (_, first, second) => {
    const planted = importGraph(
      new Map([
        [range, first],
        [plan, second],
      ]),
    );

    expect(circles(planted)).toEqual([[plan, range]]);
    expect(circles(folderGraph(planted))).toEqual([["shared/core/plan", "shared/core/range"]]);
  });

  test("of folders, where no file is in one", () => {
    const planted = new Map([...product]);
    planted.set("shared/core/range/planted.ts", 'import type { PartitionState } from "../plan/plan-partition.ts";');

    expect(circles(importGraph(planted))).toEqual([]);
    expect(circles(folderGraph(importGraph(planted)))).toHaveLength(1);
  });
});
