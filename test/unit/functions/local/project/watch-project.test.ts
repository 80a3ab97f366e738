import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type ProjectWatch, watchProject } from "../../../../../functions/local/project/watch-project.ts";

let project: string;
let watch: ProjectWatch;
const never = new AbortController().signal;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), "watch-project-"));
  await Promise.all(
    ["src/inner", "node_modules/other", ".ranges"].map((path) => mkdir(join(project, path), { recursive: true })),
  );
  watch = watchProject(project);
});

afterEach(async () => {
  watch.close();
  await rm(project, { recursive: true });
});

test("a save in any folder of the project is told, with its file", async () => {
  await writeFile(join(project, "src/inner/orders.ts"), "1");

  expect(await watch.nextSave(never)).toEqual(new Set([join(project, "src/inner/orders.ts")]));
});

test("several saves at one time are told together, and once", async () => {
  const files = ["a.ts", "src/b.ts"].map((name) => join(project, name));
  await Promise.all(files.map((file) => writeFile(file, "1")));

  expect(await watch.nextSave(never)).toEqual(new Set(files));
  expect(await watch.nextSave(AbortSignal.abort())).toEqual(new Set());
});

test("a folder that was made later is watched as well", async () => {
  await mkdir(join(project, "later"));
  await watch.nextSave(never);
  await writeFile(join(project, "later/orders.ts"), "1");

  expect(await watch.nextSave(never)).toContain(join(project, "later/orders.ts"));
});

test("what is installed, hidden or made is nobody's save", async () => {
  for (const path of ["node_modules/other/index.js", ".ranges/state.json", ".env"]) {
    await writeFile(join(project, path), "1");
  }
  await writeFile(join(project, "last.ts"), "1");

  expect(await watch.nextSave(never)).toEqual(new Set([join(project, "last.ts")]));
});

test.each(["dev.log", "orders.ts~", ".#orders.ts", "#orders.ts#", ".orders.ts.swp", "orders.swp", "4913"])(
  "a log, and what an editor writes beside the saved file, is nobody's save: %s",
  async (name) => {
    await writeFile(join(project, "src", name), "1");
    await writeFile(join(project, "last.ts"), "1");

    expect(await watch.nextSave(never)).toEqual(new Set([join(project, "last.ts")]));
  },
);

test("waiting ends with the signal", async () => {
  const ending = new AbortController();
  const waiting = watch.nextSave(ending.signal);
  ending.abort();

  expect(await waiting).toEqual(new Set());
});
