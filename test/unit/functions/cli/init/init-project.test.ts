import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { initProject } from "../../../../../functions/cli/init/init-project.ts";
import { readOwnPackage } from "../../../../../functions/cli/init/own-package.ts";
import { runInit } from "../../../../../functions/cli/run/init.ts";
import { postgresSchema } from "../../../../../shared/postgres/output/position-table.ts";

const own = readOwnPackage();
let parent: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "init-project-"));
});

afterEach(() => rm(parent, { recursive: true }));

test("a project is written into a new folder, with the folder's name throughout", async () => {
  const folder = join(parent, "eu-orders.2");

  const { files } = initProject(folder, own);

  expect(files.toSorted()).toEqual((await readdir(folder)).toSorted());
  expect(files).toEqual(expect.arrayContaining([".gitignore", "app.ts", "orders.ts", "orders.test.ts", "README.md"]));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  expect(texts.join("\n")).not.toMatch(/my-pipeline|MyPipeline/);
  expect(await readFile(join(folder, "app.ts"), "utf8")).toContain('new Stack(app, "EuOrders2")');
});

test("each dependency is pinned to a version: this package to its own, the others to those that it is tried with", async () => {
  initProject(join(parent, "orders"), own);

  const { name, dependencies, devDependencies } = JSON.parse(
    await readFile(join(parent, "orders/package.json"), "utf8"),
  );
  expect(name).toBe("orders");
  expect(dependencies).toMatchObject({
    "kafka-offset-ranges": own.version,
    "aws-cdk-lib": own.devDependencies["aws-cdk-lib"],
  });
  const versions = Object.values({ ...dependencies, ...devDependencies });
  expect(versions.filter((version) => !/^\d+\.\d+\.\d+$/.test(String(version)))).toEqual([]);
});

test("a template of another output has files of its own in place of some, and what it is deployed with", async () => {
  const { files } = initProject(join(parent, "orders"), own, "postgres");

  const read = (file: string) => readFile(join(parent, "orders", file), "utf8");
  expect(files).toEqual(expect.arrayContaining(["orders.jsonl", "schema.sql", "tsconfig.json"]));
  expect(await read("orders.ts")).toContain("kafka-offset-ranges/postgres");
  expect(await read("schema.sql")).toContain(postgresSchema());
  expect(JSON.parse(await read("package.json")).dependencies).toMatchObject({ pg: own.devDependencies["pg"] });
});

test.each(["kafka", "postgres", "s3"] as const)(
  "a pipeline of template %s has thirty lines at most",
  async (template) => {
    initProject(join(parent, template), own, template);

    const code = (await readFile(join(parent, template, "orders.ts"), "utf8")).split("\n");
    const pipeline = code.slice(code.findIndex((line) => line.startsWith("export const handler")));
    expect(pipeline.filter((line) => line.trim() !== "").length).toBeLessThanOrEqual(30);
    expect(pipeline[0]).toContain("createRangeProcessor");
  },
);

test("a template whose pipeline writes to a topic has it created by its script", async () => {
  initProject(join(parent, "totals"), own, "kafka");

  const read = (file: string) => readFile(join(parent, "totals", file), "utf8");
  expect(JSON.parse(await read("package.json")).scripts.dev).toBe("ranges dev --create-topic order-totals");
  expect(await read("app.ts")).toContain('TOTALS_TOPIC: "order-totals"');
});

test.each(["dynamodb", "kafka", "postgres", "s3"] as const)(
  "the next steps that are printed for template %s are those of its README",
  async (template) => {
    const printed: string[] = [];
    const print = async (line: string) => void printed.push(line);

    await runInit(
      { folder: join(parent, "orders"), template },
      { print, note: () => expect.unreachable(), signal: AbortSignal.any([]) },
    );

    const readme = await readFile(join(parent, "orders/README.md"), "utf8");
    const [, block = ""] = /```sh\n([\s\S]*?)```/.exec(readme) ?? [];
    const steps = block
      .trim()
      .split("\n")
      .map((line) => `  ${line.replace(/\s+#.*$/, "")}`);
    expect(printed.slice(printed.indexOf("next:") + 1).filter((line) => !line.startsWith("  cd "))).toEqual(steps);
  },
);

test("the database's port can be given, as its host and user can", async () => {
  initProject(join(parent, "orders"), own, "postgres");

  const read = (file: string) => readFile(join(parent, "orders", file), "utf8");
  for (const name of ["DATABASE_HOST", "DATABASE_PORT", "DATABASE_USER"]) {
    const texts = await Promise.all(["app.ts", "orders.ts", "README.md"].map(read));
    expect(texts.filter((text) => !text.includes(name))).toEqual([]);
  }
});

test("an empty folder is taken as a new one", async () => {
  await mkdir(join(parent, "empty"));

  expect(initProject(join(parent, "empty"), own).name).toBe("empty");
});

test("a folder with something in it is refused, by what is in it, and left as it is", async () => {
  await writeFile(join(parent, "notes.txt"), "mine");
  const named = join(parent, "full");
  await mkdir(named);
  await writeFile(join(named, "notes.txt"), "mine");

  expect(() => initProject(named, own)).toThrow(/is not empty: it has .*notes\.txt/);
  expect(await readdir(named)).toEqual(["notes.txt"]);
  expect(() => initProject(join(named, "notes.txt"), own)).toThrow("is a file");
});

test.each(["My-Pipeline", "1st", "with space", "ümlaut", "_hidden", "a".repeat(101)])(
  "%s is no project's name, and nothing is written",
  (name) => {
    expect(() => initProject(join(parent, name), own)).toThrow(
      "is no name for a project; choose one of lower-case letters",
    );
    expect(existsSync(join(parent, name))).toBe(false);
  },
);
