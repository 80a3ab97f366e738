// What somebody gets who installs the package: packed, installed into a project of its
// own, and used from there.

import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");
const MAX_UNPACKED_BYTES = 3_000_000;
const run = promisify(execFile);

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let project: string;
let packed: Packed;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  // A path with a space, as people have them.
  project = join(folder, "my project");
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: ROOT });
  [packed = expect.unreachable("nothing was packed")] = JSON.parse(stdout.slice(stdout.indexOf("[")));
  await mkdir(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "mine", private: true, type: "module" }));
  await run("npm", ["install", "--no-audit", "--no-fund", join(folder, packed.filename)], { cwd: project });
});

afterAll(() => rm(folder, { recursive: true }));

/** A file of the project, run there. */
async function runModule(name: string, text: string, env: Readonly<Record<string, string>> = {}) {
  await writeFile(join(project, name), text);
  return run(process.execPath, [name], { cwd: project, env: { ...process.env, ...env } });
}

test("it holds what is compiled and its launcher, and no tests, benches or caches", () => {
  const folders = new Set(packed.files.map(({ path }) => path.replace(/\/.*/, "")));

  expect(folders).toEqual(new Set(["LICENSE", "README.md", "dist", "functions", "package.json"]));
  expect(packed.files.filter(({ path }) => /(^|\/)(test|bench|\.cache)\/|\.test\./.test(path))).toEqual([]);
  expect(packed.unpackedSize).toBeLessThan(MAX_UNPACKED_BYTES);
});

test("the linters of packages find nothing", async () => {
  const tarball = join(folder, packed.filename);

  const { stdout } = await run(process.execPath, [join(BIN, "publint"), tarball, "--strict"]);
  await run(process.execPath, [join(BIN, "attw"), tarball, "--profile", "esm-only"]);

  expect(stdout).toContain("All good!");
});

test("plain JavaScript reads with it, and loads no AWS for that", async () => {
  const { stdout } = await runModule(
    "read.js",
    `import { registerHooks } from "node:module";
     const loaded = [];
     registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
     const { createKafkaRangeReader } = await import("kafka-offset-ranges/reader");
     const reader = createKafkaRangeReader({ clientId: "mine", bootstrapServers: ["127.0.0.1:9092"] });
     await reader.close();
     const has = (name) => loaded.some((url) => url.includes(name));
     console.log(typeof reader.readRange, has("kafkajs"), has("@aws-sdk"), has("zod"));`,
  );

  expect(stdout).toBe("function true false false\n");
});

test("a pipeline's file fails at its start where its environment is missing, by every variable's name", async () => {
  const start = runModule(
    "pipeline.js",
    `import { createRangeProcessor } from "kafka-offset-ranges";
     export const handler = createRangeProcessor({ process: async () => [] });`,
    { AWS_LAMBDA_FUNCTION_NAME: "orders" },
  );

  await expect(start).rejects.toThrow(/RANGES_PIPELINE is not set[\s\S]*RANGES_LEDGER_TABLE is not set/);
});

test("nothing but what it names can be imported", async () => {
  const { stdout } = await runModule(
    "inside.js",
    `for (const path of ["dist/shared/core/limits.js", "functions/cli/ranges.js"]) {
       await import(\`kafka-offset-ranges/\${path}\`).catch(({ code }) => console.log(code));
     }`,
  );

  expect(stdout).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\nERR_PACKAGE_PATH_NOT_EXPORTED\n");
});

test("npx ranges runs", async () => {
  const { stdout } = await run("npx", ["--no-install", "ranges", "--help"], { cwd: project });

  expect(stdout).toContain("Usage: ranges");
});

test.each([
  ["read", ["--bootstrap-servers", "b:1", "--range", "x"], "is not TOPIC:PARTITION:FROM:UNTIL"],
  ["plan", ["--bootstrap-servers", "b:1", "--topics", ""], "--topics"],
  ["status", ["--table", "t"], "AWS_ENDPOINT_URL"],
  ["verify", ["--table", "t"], "AWS_ENDPOINT_URL"],
  ["reprocess", ["--function", "f", "--range", "x"], "is not TOPIC:PARTITION:FROM:UNTIL"],
  ["resume", ["--table", "t", "--pipeline", "p", "--partition", "x"], "is not TOPIC:PARTITION"],
])("ranges %s is there, which is loaded when it runs", async (command, args, message) => {
  const variables = { AWS_REGION: "x", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_ENDPOINT_URL: "none" };

  const ran = run("npx", ["--no-install", "ranges", command, ...args], {
    cwd: project,
    env: { ...process.env, ...variables },
  });

  await expect(ran).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});

describe("TypeScript", () => {
  test.each([
    ["nodenext", "nodenext"],
    ["esnext", "bundler"],
  ])(
    "finds every type by module %s and resolution %s, in strict mode with the libraries checked",
    async (module, moduleResolution) => {
      await writeFile(
        join(project, "orders.ts"),
        `import { createRangeProcessor, type ProcessingRange, SupersededError } from "kafka-offset-ranges";
       import { createKafkaOffsetSource, createKafkaRangeReader } from "kafka-offset-ranges/reader";
       export const handler = createRangeProcessor({
         async process(range) {
           for await (const { offset, value } of range.records()) {
             await range.commit(offset + 1n, []);
             value?.toString();
           }
         },
       });
       export const reader = createKafkaRangeReader({ clientId: "mine", bootstrapServers: ["127.0.0.1:9092"] });
       export const source = createKafkaOffsetSource({ clientId: "mine", bootstrapServers: ["127.0.0.1:9092"] });
       export type Range = ProcessingRange<never>;
       // @ts-expect-error An offset is a bigint.
       export const wrong = (range: Range) => range.commit(1, []);
       export const isLost = (error: unknown) => error instanceof SupersededError;`,
      );
      const compilerOptions = {
        module,
        moduleResolution,
        target: "es2023",
        lib: ["es2023", "esnext.disposable"],
        strict: true,
        noEmit: true,
        skipLibCheck: false,
        typeRoots: [join(ROOT, "node_modules/@types")],
        types: ["node"],
      };
      await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["orders.ts"] }));

      const { stdout } = await run(process.execPath, [join(BIN, "tsc"), "--project", "."], { cwd: project }).catch(
        (error: { readonly stdout: string }) => error,
      );

      expect(stdout).toBe("");
    },
  );
});

test("the package's own README is in it", async () => {
  const readme = await readFile(join(project, "node_modules/kafka-offset-ranges/README.md"), "utf8");

  expect(readme).toMatch(/^# /);
});
