// Render coverage
//
// A source's tests stand at its path. Of those that have none there, this tells which tests
// reach them, by the fewest imports in between.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { type ImportGraph, importGraph } from "../support/import-graph.ts";
import { ROOT, renderTable } from "./documents.ts";

const SHOWN = 2;
/** An entry that is imported by nobody. */
const WHOLE = "`test/integration`, which runs it as a whole";

export interface Covered {
  readonly source: string;
  /** The nearest ones, by path; none where no test reaches the source. */
  readonly tests: readonly string[];
}

/** The sources with code whose own path has no test. */
export function coveredElsewhere(): readonly Covered[] {
  const texts = sourceTexts();
  const importers = importersOf(importGraph(texts));
  const tests = [...texts.keys()].filter(isTest);
  return [...texts]
    .filter(([path, text]) => isProduct(path) && hasCode(text) && !hasOwnTest(path, tests))
    .map(([source]) => ({ source, tests: nearestTests(source, importers) }));
}

export function renderCoverage(covered: readonly Covered[]): string {
  return renderTable(
    ["Source", "Reached by"],
    covered.map(({ source, tests }) => {
      const shown = tests.slice(0, SHOWN).map((path) => `\`${path}\``);
      const more = tests.length > SHOWN ? [`${tests.length - SHOWN} more`] : [];
      return [`\`${source}\``, tests.length === 0 ? WHOLE : [...shown, ...more].join(", ")];
    }),
  );
}

function sourceTexts(): ReadonlyMap<string, string> {
  const listed = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.ts"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const paths = listed.split("\n").filter((path) => path !== "" && !path.endsWith(".d.ts"));
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
}

function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

function isProduct(path: string): boolean {
  return !path.startsWith("test/");
}

/** Whether anything of it is left at run time. */
function hasCode(text: string): boolean {
  return (
    stripTypeScriptTypes(text)
      .replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|^import .*$|export \{\};?/gm, "")
      .trim() !== ""
  );
}

/** `shared/core/range/split-range.ts` → `test/unit/shared/core/range/split-range.test.ts`, and those named after it. */
function hasOwnTest(path: string, tests: readonly string[]): boolean {
  const own = path.replace(/\.ts$/, ".").replace(/^cdk\/lib\//, "");
  const places = ["unit", "integration", "property", "cdk"].map((place) => `test/${place}/${own}`);
  return tests.some((test) => places.some((place) => test.startsWith(place)));
}

function importersOf(graph: ImportGraph): ReadonlyMap<string, readonly string[]> {
  const edges = [...graph].flatMap(([path, imported]) => [...imported].map((one) => ({ path, one })));
  return new Map([...Map.groupBy(edges, ({ one }) => one)].map(([one, by]) => [one, by.map(({ path }) => path)]));
}

function nearestTests(source: string, importers: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const seen = new Set([source]);
  let ring: readonly string[] = [source];
  while (ring.length > 0) {
    ring = [...new Set(ring.flatMap((path) => importers.get(path) ?? []))].filter((path) => !seen.has(path));
    for (const path of ring) {
      seen.add(path);
    }
    const tests = ring.filter(isTest);
    if (tests.length > 0) {
      return tests.toSorted();
    }
  }
  return [];
}
