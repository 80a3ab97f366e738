// Bundling in a project that has this package, as it is, but not the library which an entry of it needs.

import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { buildBundle, bundleOptions } from "../../../cdk/lib/bundle/bundle-entry.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import { bundleAgain } from "../../../functions/local/deploy/bundle-again.ts";

const LIBRARIES = {
  parquet: "hyparquet-writer",
  avro: "avsc",
  protobuf: "protobufjs",
  "json-schema": "ajv",
  postgres: "pg",
};

let project: string;
let versions: Readonly<Record<string, string>>;

beforeAll(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), "missing-library-")));
  const own = join(project, "node_modules/kafka-offset-ranges");
  await mkdir(own, { recursive: true });
  await Promise.all(
    ["package.json", "shared", "functions"].map((name) => cp(projectPath(name), join(own, name), { recursive: true })),
  );
  const packages = await readdir(projectPath("node_modules"));
  const missing = Object.values(LIBRARIES);
  await Promise.all(
    packages
      .filter((name) => !(name.startsWith(".") || missing.includes(name) || name === "kafka-offset-ranges"))
      .map((name) => symlink(projectPath(`node_modules/${name}`), join(project, "node_modules", name))),
  );
  await writeFile(join(project, "package.json"), "{}");
  versions = JSON.parse(await readFile(projectPath("package.json"), "utf8")).peerDependencies;
});

afterAll(() => rm(project, { recursive: true }));

/** Its text has characters of several bytes before the import. */
async function anEntry(name: string, code: string): Promise<string> {
  const entry = join(project, `${name}.ts`);
  await writeFile(entry, code);
  return entry;
}

const importOf = (name: string) => `export * from "./node_modules/kafka-offset-ranges/functions/package/${name}.ts";\n`;

function failureOf(entry: string): { readonly thrown: Error; readonly told: string } {
  const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  try {
    buildBundle(esbuild, entry);
  } catch (thrown) {
    return { thrown: thrown as Error, told: stderr.mock.calls.map(([text]) => String(text)).join("") };
  } finally {
    stderr.mockRestore();
  }
  return expect.unreachable();
}

function remedyOf(entry: keyof typeof LIBRARIES): string {
  const name = LIBRARIES[entry];
  const wanted = `${name}@${versions[name]?.replace("^", "")}`;
  return `${entry}.ts is bundled with kafka-offset-ranges/${entry}, which needs ${wanted} beside it: npm install --save-exact ${wanted}`;
}

test.each(Object.keys(LIBRARIES) as (keyof typeof LIBRARIES)[])(
  "an entry with %s says which library is missing, and nothing else",
  async (name) => {
    const entry = await anEntry(name, importOf(name));

    const { thrown, told } = failureOf(entry);

    expect(thrown.message).toBe(remedyOf(name));
    expect(told.match(/\[ERROR\].*/g)).toEqual([`[ERROR] ${remedyOf(name)}`]);
  },
);

test("what else does not compile is told beside it", async () => {
  const entry = await anEntry("both", `${importOf("parquet")}/* é */ export * from "pg"; import "./absent.ts";\n`);

  const { thrown, told } = failureOf(entry);

  expect(thrown.message).toMatch(/^both\.ts is bundled with kafka-offset-ranges\/parquet[^\n]*$/);
  expect(told.match(/\[ERROR\].*/g)).toEqual([
    expect.stringContaining("which needs hyparquet-writer@"),
    // The code's own import is the code's own matter.
    expect.stringContaining('"pg"'),
    expect.stringContaining('"./absent.ts"'),
  ]);
});

test("an import of what a library that is there does not have is no missing library", async () => {
  const own = join(project, "node_modules/kafka-offset-ranges");
  await mkdir(join(own, "node_modules/avsc"), { recursive: true });
  await writeFile(join(own, "node_modules/avsc/package.json"), '{"name":"avsc","main":"absent.js"}');
  try {
    const { thrown } = failureOf(await anEntry("broken", importOf("avro")));

    expect(thrown.message).toContain('"avsc"');
    expect(thrown.message).not.toContain("npm install");
  } finally {
    await rm(join(own, "node_modules"), { recursive: true });
  }
});

test("a save that imports an entry without its library is told the same", async () => {
  const entry = await anEntry("parquet", importOf("parquet"));
  const codeFolder = join(project, "deployed");
  await mkdir(codeFolder);
  const stack = { name: "Test", environment: {}, template: {} } as never;
  const bundled = { stack, functionName: "Orders", codeFolder, bundle: bundleOptions(entry) };

  const again = bundleAgain(bundled, join(project, "again"));

  await expect(again).rejects.toThrow(new Error(remedyOf("parquet")));
});
