import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createPathMapper, sourcesOf } from "../../../../../functions/local/deploy/source-paths.ts";

let project: string;
let bundle: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "source-paths-"));
  bundle = join(project, ".ranges/cdk/assembly-1/asset.1");
  await mkdir(bundle, { recursive: true });
  const sources = ["../../../../orders.ts", "../../../../src/orders.ts", "../../../../../elsewhere/lib.ts"];
  await writeFile(join(bundle, "index.mjs.map"), JSON.stringify({ sources }));
});

afterEach(() => rm(project, { recursive: true }));

test("a trace's paths become the project's own, by the longest tail that is known", () => {
  const map = createPathMapper([bundle], project);

  expect(map("at process (/tmp/fn/orders.ts:3:9)")).toBe("at process (orders.ts:3:9)");
  expect(map("at file:///tmp/fn/a/src/orders.ts:3:9")).toBe("at src/orders.ts:3:9");
  expect(map("at f (/elsewhere/lib.ts:1:1)")).toBe(`at f (${join(project, "../elsewhere/lib.ts")}:1:1)`);
});

test("paths that are nobody's, or no whole paths, stay", () => {
  const map = createPathMapper([bundle], project);
  const texts = ["at g (/opt/other.js:1:1)", "src/orders.ts:1:1", "/orders.ts without a line"];

  expect(texts.map(map)).toEqual(texts);
});

test("what a bundle was made of is told by absolute paths", () => {
  expect(sourcesOf(bundle, project)).toContain(join(project, "src/orders.ts"));
});
