// What somebody gets who installs the package: packed, installed into a project of its
// own, and used from there.

import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { type Bundle, bundlesOf, evaluateIn } from "../support/functions/function-bundle.ts";
import { connectKafkaTopics } from "../support/kafka/kafka-topics.ts";
import { installByNpm, installByPnpm, linkPeers, type Stranger, synthesize } from "../support/package/stranger.ts";

const ROOT = join(import.meta.dirname, "../..");
const BIN = join(ROOT, "node_modules/.bin");
const MAX_UNPACKED_BYTES = 3_500_000;
/** What no processor needs: the CDK, and the scheduler beside which the package has it. */
const NOT_OURS = /node_modules\/(?:aws-cdk-lib|constructs|esbuild)\/|functions\/scheduler\//;
const MAX_PACKAGES = 60;
const run = promisify(execFile);

interface Packed {
  readonly filename: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

let folder: string;
let project: string;
let packed: Packed;
let strangers: Readonly<Record<"npm" | "pnpm", Stranger>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "package-"));
  // A path with a space, as people have them.
  project = join(folder, "my project");
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], { cwd: ROOT });
  [packed = expect.unreachable("nothing was packed")] = JSON.parse(stdout.slice(stdout.indexOf("[")));
  const tarball = join(folder, packed.filename);
  strangers = {
    npm: { project, member: join(project, "packages/my orders"), tarball },
    pnpm: { project: join(folder, "strict"), member: join(folder, "strict"), tarball },
  };
  await Promise.all([installByNpm(strangers.npm), installByPnpm(strangers.pnpm)]);
});

afterAll(() => rm(folder, { recursive: true }));

/** A file of the project, run there. */
async function runModule(name: string, text: string, env: Readonly<Record<string, string>> = {}) {
  await writeFile(join(project, name), text);
  return run(process.execPath, [name], { cwd: project, env: { ...process.env, ...env } });
}

test("it holds what is compiled and its launcher, and no tests, benches or caches", () => {
  const folders = new Set(packed.files.map(({ path }) => path.replace(/\/.*/, "")));

  expect(folders).toEqual(
    new Set(["CHANGELOG.md", "LICENSE", "README.md", "cdk", "dist", "functions", "package.json", "shared"]),
  );
  expect(
    packed.files
      .map(({ path }) => path)
      .filter((path) => /^(cdk|functions|shared)\//.test(path))
      .toSorted(),
  ).toEqual([
    "cdk/README.md",
    "cdk/guides/costs.md",
    "cdk/guides/moving-in.md",
    "cdk/guides/msk-iam.md",
    "cdk/guides/msk-scram.md",
    "cdk/guides/operators.md",
    "cdk/guides/recipes.md",
    "cdk/guides/self-managed-mtls.md",
    "cdk/guides/without-cdk.md",
    "functions/README.md",
    "functions/cli/README.md",
    "functions/cli/ranges.js",
    "functions/deserializers/README.md",
    "functions/event-source/README.md",
    "functions/kafka-params/README.md",
    "functions/outputs/README.md",
    "functions/outputs/kafka/README.md",
    "functions/outputs/postgres/README.md",
    "functions/outputs/s3/README.md",
    "functions/package/README.md",
    "shared/core/README.md",
    "shared/kafka/README.md",
  ]);
  expect(
    packed.files.filter(({ path }) => ["test", "bench", ".cache"].some((name) => path.split("/").includes(name))),
  ).toEqual([]);
  expect(packed.unpackedSize).toBeLessThan(MAX_UNPACKED_BYTES);
});

test(`who only reads installs at most ${MAX_PACKAGES} packages, and no CDK`, async () => {
  const { stdout } = await run("npm", ["ls", "--all", "--parseable"], { cwd: project });
  // The project itself and its member are no packages.
  const packages = stdout.split("\n").filter((path) => path.includes("/node_modules/") && !path.includes("/packages/"));

  expect(packages.length).toBeLessThanOrEqual(MAX_PACKAGES);
  expect(packages.filter((path) => /aws-cdk-lib|constructs|esbuild/.test(path))).toEqual([]);
});

interface PinnedVersions {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

test("its bill of materials names each dependency by its version, and nothing of the development", async () => {
  const pinned: PinnedVersions = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const { dependencies, devDependencies } = pinned;
  const text = await readFile(join(project, "node_modules/kafka-offset-ranges/dist/sbom.cdx.json"), "utf8");
  const { bomFormat, metadata, components } = JSON.parse(text);
  const named: readonly string[] = components.map((one: { readonly "bom-ref": string }) => one["bom-ref"]);
  // Tests use these two as well, and the AWS SDK brings them.
  const shared = new Set(["@smithy/core", "@smithy/signature-v4"]);

  expect([bomFormat, metadata.component.name]).toEqual(["CycloneDX", "kafka-offset-ranges"]);
  expect(named).toEqual(
    expect.arrayContaining(Object.entries(dependencies).map(([name, version]) => `${name}@${version}`)),
  );
  const ofDevelopment = Object.entries(devDependencies).filter(([name]) => !shared.has(name));
  expect(ofDevelopment.filter(([name, version]) => named.includes(`${name}@${version}`))).toEqual([]);
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

test("the reader's example reads a topic of a real Kafka to its end, and stops", async () => {
  const readme = await readFile(join(project, "node_modules/kafka-offset-ranges/shared/kafka/README.md"), "utf8");
  const [, example = ""] = /```js\n(.*?)```/s.exec(readme) ?? [];
  const bootstrapServers = inject("kafka.bootstrapServers");
  const topics = await connectKafkaTopics(bootstrapServers);
  onTestFinished(() => topics.close());
  const topic = await topics.create({ partitions: 2 });
  await topics.produce(topic, [
    { partition: 0, value: "first" },
    { partition: 0, value: "second" },
    { partition: 1, value: "third" },
  ]);

  const { stdout } = await runModule("example.js", example, { BOOTSTRAP_SERVERS: bootstrapServers, TOPIC: topic });

  expect(stdout).toBe(`${topic}-0 at 0: first\n${topic}-0 at 1: second\n${topic}-1 at 0: third\n`);
  expect(example.split("\n").length - 1).toBeLessThanOrEqual(15);
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

test("who decodes JSON needs no library for it, and who decodes Avro, Protobuf or JSON Schema is told which", async () => {
  const { stdout } = await runModule(
    "decode.js",
    `const { json } = await import("kafka-offset-ranges/deserializers");
     console.log(json().deserialize(Buffer.from('{"id":7}')).id);
     for (const name of ["avro", "protobuf", "json-schema"]) {
       await import(\`kafka-offset-ranges/\${name}\`).catch(({ code, message }) => console.log(code, message.split("'")[1]));
     }`,
  );

  const missing = ["avsc", "protobufjs", "ajv"].map((library) => `ERR_MODULE_NOT_FOUND ${library}\n`);
  expect(stdout).toBe(`7\n${missing.join("")}`);
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

describe("./cdk, from an app in a project of one's own", () => {
  test("without esbuild it is refused before anything is bundled, with what to install", async () => {
    await linkPeers(strangers.npm, ["aws-cdk-lib", "constructs"]);

    await expect(synthesize(strangers.npm)).rejects.toThrow(
      /my orders\/orders\.ts is bundled by esbuild, which is installed neither in its project nor beside kafka-offset-ranges; run npm install --save-dev esbuild there/,
    );

    await linkPeers(strangers.npm, ["esbuild"]);
  });

  describe.each(["npm", "pnpm"] as const)("installed by %s", (manager) => {
    let scheduler: Bundle;
    let processor: Bundle;
    let architectures: ReadonlySet<string>;

    beforeAll(async () => {
      const { output } = await synthesize(strangers[manager]);
      const bundles = await bundlesOf(output, "Orders");
      const starting = (verb: string) => bundles.find(({ description }) => description.startsWith(verb));
      scheduler = starting("Plans") ?? expect.unreachable("there is no scheduler");
      processor = starting("Processes") ?? expect.unreachable("there is no processor");
      const { Resources } = JSON.parse(await readFile(join(output, "Orders.template.json"), "utf8"));
      architectures = new Set(
        Object.values<{ Properties: { Architectures?: readonly string[] } }>(Resources).flatMap(
          ({ Properties }) => Properties.Architectures ?? [],
        ),
      );
    });

    test("both functions load under Node 24 with a handler of two parameters, and run on Graviton", async () => {
      const load = `const { handler } = await import(process.cwd() + "/index.mjs"); console.log(handler.length); process.exit(0);`;

      expect(await Promise.all([scheduler, processor].map((bundle) => evaluateIn(bundle, load)))).toEqual([2, 2]);
      expect(architectures).toEqual(new Set(["arm64"]));
    });

    test("the code is bundled from its own project, by paths within it, and has no CDK in it", async () => {
      const { sources } = JSON.parse(await readFile(join(processor.folder, "index.mjs.map"), "utf8"));
      const own = sources.filter((source: string) => !source.includes("node_modules"));

      expect(own).toEqual([manager === "npm" ? "packages/my orders/orders.ts" : "orders.ts"]);
      expect(sources.filter((source: string) => NOT_OURS.test(source))).toEqual([]);
    });

    test("the processor has the native CRC-32C of Graviton beside it, whatever machine this is", async () => {
      const native = join(processor.folder, "node_modules/@node-rs/crc32-linux-arm64-gnu");
      const [header] = [await readFile(join(native, "crc32.linux-arm64-gnu.node"))];

      // ELF of the machine AArch64: https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
      expect(header.subarray(1, 4).toString()).toBe("ELF");
      expect(header.readUInt16LE(18)).toBe(0xb7);
      expect(await readdir(join(processor.folder, "node_modules/@node-rs"))).toEqual([
        "crc32",
        "crc32-linux-arm64-gnu",
      ]);
    });

    test("an error of the scheduler is shown where its source has it", async () => {
      const { RANGES_PIPELINE: _pipeline, ...rest } = scheduler.env;
      const env = { ...rest, AWS_LAMBDA_FUNCTION_NAME: "orders" };
      const script = `
        await import(process.cwd() + "/index.mjs").catch((error) => console.log(JSON.stringify(error.stack)));
        process.exit(0);`;

      expect(await evaluateIn({ ...scheduler, env }, script)).toMatch(
        /\n {4}at .*shared\/wire\/environment\/environment-variables\.ts:\d+:\d+\)\n/,
      );
    });

    test("the scheduler is the one that was packed", async () => {
      const { sources } = JSON.parse(await readFile(join(scheduler.folder, "index.mjs.map"), "utf8"));

      expect(sources).toContain("functions/scheduler/handler.ts");
      // Of packages it leads nowhere: they are most of the bundle.
      expect(sources.filter((source: string) => source.includes("node_modules"))).toEqual([]);
    });
  });
});

test("the package's own README is in it", async () => {
  const readme = await readFile(join(project, "node_modules/kafka-offset-ranges/README.md"), "utf8");

  expect(readme).toMatch(/^# /);
});
