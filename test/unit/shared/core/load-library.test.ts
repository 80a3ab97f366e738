import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LIBRARY_VERSIONS, loadLibrary } from "../../../../shared/core/load-library.ts";

const ROOT = join(import.meta.dirname, "../../../..");

let folder: string;

/** A checkout in which nothing is installed that an entry needs beside it. */
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "load-library-")));
  await mkdir(join(folder, "node_modules"));
  await Promise.all(
    ["package.json", "shared", "functions"].map((name) =>
      cp(join(ROOT, name), join(folder, name), { recursive: true }),
    ),
  );
  const installed = await readdir(join(ROOT, "node_modules"));
  await Promise.all(
    installed
      .filter((name) => !(name.startsWith(".") || Object.hasOwn(LIBRARY_VERSIONS, name)))
      .map((name) => symlink(join(ROOT, "node_modules", name), join(folder, "node_modules", name))),
  );
});

afterAll(() => rm(folder, { recursive: true }));

/** What the code fails with there, as a process of plain Node.js. */
async function failureOf(code: string): Promise<unknown> {
  const program = join(folder, "program.ts");
  await writeFile(
    program,
    `const fail = async () => { ${code} };
await fail().then(() => console.log("null"), ({ name, message }) => console.log(JSON.stringify({ name, message })));`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  return JSON.parse(stdout);
}

const POSTGRES = `const { postgresOutput } = await import("./functions/package/postgres.ts");
const output = postgresOutput({ host: "127.0.0.1", user: "u" });
await output.open({ pipeline: "p", topicId: "t", topic: "t", partition: 0, isSequential: true, signal: AbortSignal.timeout(60_000) });`;

function decoding(value: string): string {
  return `const { openDeserializers } = await import("./functions/cli/decoding/open-deserializers.ts");
await openDeserializers({ value: "${value}", registry: { url: "http://127.0.0.1:1" } });`;
}

test.each([
  ["kafka-offset-ranges/postgres", "pg", POSTGRES],
  ["avro", "avsc", decoding("avro")],
  ["protobuf", "protobufjs", decoding("protobuf")],
  ["json-schema", "ajv", decoding("json-schema")],
] as const)("where %s is used without %s, what to install is said, in which version", async (user, library, code) => {
  const wanted = `${library}@${LIBRARY_VERSIONS[library]}`;

  expect(await failureOf(code)).toEqual({
    name: "ConfigurationError",
    message: `${user} needs ${wanted} beside it: npm install --save-exact ${wanted}`,
  });
});

test("the versions are those of package.json", async () => {
  const { peerDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));

  for (const [name, version] of Object.entries(LIBRARY_VERSIONS)) {
    expect(peerDependencies[name].replace("^", "")).toBe(version);
  }
});

test("what a library fails with otherwise is not about installing it", async () => {
  const failing = loadLibrary("a test", "pg", () => Promise.reject(new Error("it is broken")));

  await expect(failing).rejects.toThrow(new Error("it is broken"));
});
