import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { processorEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";

const root = new URL("../../", import.meta.url);
const readme = readFileSync(new URL("README.md", root), "utf8");

test("the README's table of variables is that of the schema", () => {
  const keys = { ...schedulerEnvironment.shape, ...processorEnvironment.shape };
  const rows = Object.entries(keys).map(([key, schema]) => {
    const variable = `RANGES_${key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
    const isShared = key in processorEnvironment.shape && key in schedulerEnvironment.shape;
    const who = isShared ? "" : key in schedulerEnvironment.shape ? "Scheduler: " : "Processor: ";
    return `| \`${variable}\` | ${who}${schema.meta()?.description} |`;
  });

  expect(readme.split("\n").filter((line) => line.startsWith("| `RANGES_"))).toEqual(rows);
});

test("each guarantee of the README is cited by the title of a test", () => {
  const guarantees = [...readme.matchAll(/^\| \*\*(G\d) /gm)].map(([, number]) => number);
  const tests = readdirSync(new URL("test", root), { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".test.ts") || path.includes("range-ledger-contract/"),
  );
  const files = tests.filter((path) => path.endsWith(".ts"));
  const text = files.map((path) => readFileSync(new URL(`test/${path}`, root), "utf8")).join("\n");

  expect(guarantees).toEqual(["G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "G9"]);
  for (const guarantee of guarantees) {
    expect(text, `a test that cites ${guarantee}`).toMatch(
      new RegExp(`(test|describe)[^\\n]*["\`(]\\n?.*\\b${guarantee}\\b`),
    );
  }
});

test("every path that the README names exists", () => {
  const paths = [...readme.matchAll(/`((?:test|functions|shared|cdk)\/[A-Za-z0-9_./-]+)`/g)].map(
    ([, path]) => path ?? "",
  );

  expect(paths.length).toBeGreaterThan(10);
  for (const path of paths) {
    expect(() => readFileSync(new URL(path, root)), path).not.toThrow(/ENOENT/);
  }
});
