import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { projectPath } from "../../cdk/lib/runtime-function.ts";
import { hostArchitecture } from "../../functions/local/process/host-architecture.ts";
import { ARCHITECTURE_CONTEXT } from "../../shared/wire/deployment/architecture-context.ts";
import { type Bundle, bundlesOf, evaluateIn } from "../support/functions/function-bundle.ts";

const run = promisify(execFile);
const cdk = projectPath("node_modules/aws-cdk/bin/cdk");

/** Runs the CDK CLI as a user would, without any account. */
async function synth(output: string, context: Readonly<Record<string, string>>): Promise<void> {
  const values = Object.entries(context).flatMap(([name, value]) => ["--context", `${name}=${value}`]);
  const args = [
    "synth",
    "--quiet",
    "--no-notices",
    "--app",
    `"${process.execPath}" cdk/bin/app.ts`,
    "--output",
    output,
  ];
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: output, CDK_DISABLE_CLI_TELEMETRY: "1", AWS_EC2_METADATA_DISABLED: "true" };
  await run(process.execPath, [cdk, ...args, ...values], { cwd: projectPath("."), env });
}

let output: string;
let bundles: readonly Bundle[];

beforeAll(async () => {
  output = await mkdtemp(join(tmpdir(), "cdk-"));
  await synth(output, {
    bootstrapServers: "b-1.example:9092",
    topics: "lines",
    [ARCHITECTURE_CONTEXT]: hostArchitecture(),
  });
  bundles = await bundlesOf(output, "KafkaOffsetRanges");
});

afterAll(() => rm(output, { recursive: true, force: true }));

test("each function's bundle loads under Node 24 with a handler of two parameters, which Lambda demands", async () => {
  const script = `
    const { handler } = await import(process.cwd() + "/index.mjs");
    console.log(JSON.stringify({ major: parseInt(process.versions.node), type: typeof handler, arity: handler.length }));
    process.exit(0);`;

  const loaded = await Promise.all(bundles.map((bundle) => evaluateIn(bundle, script)));

  const expected = { major: 24, type: "function", arity: 2 };
  expect(loaded).toEqual([expected, expected]);
});

/** In bytes, by what the function is described as. */
const MAX_BUNDLE_BYTES = {
  "Processes offset ranges of WordCount": 700_000,
  "Plans and dispatches offset ranges of WordCount": 750_000,
};

test("a bundle is small, and has nothing of the AWS SDK, nor the languages of the validator", async () => {
  const bytes = await Promise.all(
    bundles.map(({ folder }) => stat(join(folder, "index.mjs")).then(({ size }) => size)),
  );
  const maps = await Promise.all(bundles.map(({ folder }) => readFile(join(folder, "index.mjs.map"), "utf8")));
  const sources = maps.flatMap((map): readonly string[] => JSON.parse(map).sources);

  expect(bundles.map(({ description }) => description).toSorted()).toEqual(Object.keys(MAX_BUNDLE_BYTES).toSorted());
  for (const [index, { description }] of bundles.entries()) {
    expect(bytes[index], description).toBeLessThan(
      Object.entries(MAX_BUNDLE_BYTES).find(([of]) => of === description)?.[1] ?? 0,
    );
  }
  expect(sources.some((source) => source.includes("/kafkajs/"))).toBe(true);
  expect(
    sources.filter((source) =>
      /@aws-sdk\/(?!util-dynamodb)|@smithy|msk-iam-sasl-signer|locales\/(?!en\.)/.test(source),
    ),
  ).toEqual([]);
});

test("an error of a bundle names the line of its source", async () => {
  const script = `
    await import(process.cwd() + "/index.mjs").catch((error) => console.log(JSON.stringify(error.stack)));
    process.exit(0);`;
  const { folder = "", env } = bundles[0] ?? {};
  const wrong = { ...env, RANGES_MAX_ATTEMPTS: "many" };

  expect(await evaluateIn({ folder, env: wrong }, script)).toMatch(
    /^ConfigurationError: [\s\S]*\n {4}at [\w$]+ \(\S*shared\/wire\/environment\/environment-variables\.ts:\d+:\d+\)\n/,
  );
});

test("the native CRC-32C build loads from beside the processor's bundle, and the scheduler has none", async () => {
  const script = `
    const { createRequire } = await import("node:module");
    const { crc32c } = createRequire(process.cwd() + "/index.mjs")("@node-rs/crc32");
    console.log(crc32c("123456789"));`;

  const processor = bundles.find(({ description }) => description.startsWith("Processes"));
  const scheduler = bundles.find(({ description }) => description.startsWith("Plans"));

  const checksum = await evaluateIn(processor ?? expect.unreachable("there is no processor"), script);

  expect(checksum).toBe(0xe3069283);
  expect(await readdir(scheduler?.folder ?? "")).toEqual(["index.mjs", "index.mjs.map"]);
});

test("a function whose environment is wrong fails at its start, naming the variable", async () => {
  const [bundle] = bundles;

  const load = evaluateIn(
    { folder: bundle?.folder ?? "", env: { ...bundle?.env, RANGES_MAX_ATTEMPTS: "many" } },
    'await import(process.cwd() + "/index.mjs");',
  );

  await expect(load).rejects.toThrow('RANGES_MAX_ATTEMPTS "many" is wrong: expected a whole number');
});

test.each([
  [{ topics: "lines" }, "context bootstrapServers is not set; pass it as -c bootstrapServers="],
  [{ bootstrapServers: "b-1:9092" }, "context topics is not set; pass it as -c topics=lines"],
  [{ bootstrapServers: "b-1:9092", topics: "lines", maxRecordsPerPartition: "x" }, "context maxRecordsPerPartition is"],
])("the app with %o is refused, naming what to pass", async (context, message) => {
  await expect(synth(output, context)).rejects.toThrow(message);
});
