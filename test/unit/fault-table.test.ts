// The deploy guide's table of faults and the titles of the tests that produce them,
// held to each other.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../", import.meta.url);
const guide = readFileSync(new URL("cdk/README.md", root), "utf8");

/** Ids of faults in the titles of tests: `FT1: …`, also beside others as in `G6, FT9: …`. */
function citedBy(source: string): readonly string[] {
  const titles = source.matchAll(/(?:\btest|\bdescribe|\))\(\s*["`]((?:[A-Z]+\d+, )*[A-Z]+\d+): /g);
  return [...titles].flatMap(([, ids = ""]) => ids.split(", ").filter((id) => /^FT\d+$/.test(id)));
}

function testFiles(): readonly string[] {
  const paths = readdirSync(new URL("test", root), { recursive: true, encoding: "utf8" });
  return paths.filter((path) => path.endsWith(".test.ts"));
}

const inOrder = (ids: Iterable<string>) =>
  [...new Set(ids)].sort((one, other) => Number(one.slice(2)) - Number(other.slice(2)));

test("each row of the table of faults is cited by the title of a test, and no test cites another", () => {
  const rows = [...guide.matchAll(/^\| (FT\d+) \|/gm)].map(([, id = ""]) => id);

  const cited = testFiles().flatMap((path) => citedBy(readFileSync(new URL(`test/${path}`, root), "utf8")));

  expect(rows.length).toBeGreaterThan(10);
  expect(rows).toEqual(rows.map((_, index) => `FT${index + 1}`));
  expect(inOrder(cited)).toEqual(rows);
});

test.each([
  ['test("%: is told", () => {', ["FT1"]],
  ['test.each([\n  [1],\n])("G6, %: is told", () => {', ["FT1"]],
  ["describe(\n  `%: is told`,", ["FT1"]],
  ['expect("%: in a text")', []],
  ["// test: %", []],
])("%j cites what its title begins with", (source, ids) => {
  expect(citedBy(source.replace("%", "FT1"))).toEqual(ids);
});
