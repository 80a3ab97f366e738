// The lint is what enforces the import directions; this proves that it does, by
// planting bad imports, and good ones, in a copy of the sources: each in a file of its
// own, for one run of the lint.

import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "../..");
const BIOME = join(ROOT, "node_modules/.bin/biome");
const FOLDERS = ["shared", "functions", "cdk"];

type Planted = readonly [what: string, path: string, source: string];

const REFUSED: readonly Planted[] = [
  ["core from an adapter", "shared/core/planted.ts", "../kafka/records/varint.ts"],
  ["a part of core from an adapter", "shared/core/plan/planted.ts", "../../kafka/records/varint.ts"],
  ["a part of core from Node's files", "shared/core/plan/planted.ts", "node:fs"],
  ["core from the payloads' codecs", "shared/core/planted.ts", "../wire/json/json.ts"],
  ["core from a function", "shared/core/planted.ts", "../../functions/scheduler/deps/scheduler-deps.ts"],
  ["core from Node's files", "shared/core/planted.ts", "node:fs"],
  ["core from the AWS SDK", "shared/core/planted.ts", "@aws-sdk/client-dynamodb"],
  ["core from Kafka's client", "shared/core/planted.ts", "kafkajs"],
  ["core from the validator", "shared/core/planted.ts", "zod/mini"],
  ["the ledger from Kafka's adapter", "shared/dynamodb/planted.ts", "../kafka/records/varint.ts"],
  ["a part of the ledger from Kafka's adapter", "shared/dynamodb/items/planted.ts", "../../kafka/records/varint.ts"],
  [
    "a part of Kafka's adapter from the ledger",
    "shared/kafka/read/planted.ts",
    "../../dynamodb/items/attributes/keys.ts",
  ],
  [
    "a part of the scheduler from the processor",
    "functions/scheduler/start/planted.ts",
    "../../processor/processor-config.ts",
  ],
  ["the ledger from another vendor's SDK", "shared/dynamodb/planted.ts", "@aws-sdk/client-lambda"],
  ["Kafka's adapter from the ledger", "shared/kafka/planted.ts", "../dynamodb/items/attributes/keys.ts"],
  ["Kafka's adapter from the AWS SDK", "shared/kafka/planted.ts", "@aws-sdk/client-lambda"],
  ["the dispatcher from the codecs", "shared/lambda/planted.ts", "../wire/json/json.ts"],
  ["the codecs from the dispatcher", "shared/wire/planted.ts", "../lambda/client.ts"],
  ["the PostgreSQL output from the ledger", "shared/postgres/output/planted.ts", "../../dynamodb/items/keys.ts"],
  ["the dead-letter queue from the codecs", "shared/sqs/planted.ts", "../wire/events/dead-letter.ts"],
  ["the tokens of OpenID Connect from Kafka's adapter", "shared/oidc/planted.ts", "../kafka/records/varint.ts"],
  ["the readers of key stores from Kafka's adapter", "shared/key-stores/planted.ts", "../kafka/records/varint.ts"],
  ["the deserializers from a function", "shared/schemas/avro/planted.ts", "../../../functions/aws-access.ts"],
  ["the deserializers from Kafka's adapter", "shared/schemas/planted.ts", "../kafka/records/varint.ts"],
  ["the bucket from the codecs", "shared/s3/planted.ts", "../wire/events/dead-letter.ts"],
  ["the bucket from the queue", "shared/s3/planted.ts", "../sqs/dead-letter-queue.ts"],
  ["the bucket from the AWS SDK", "shared/s3/planted.ts", "@aws-sdk/client-s3"],
  ["the dead-letter queue from the AWS SDK", "shared/sqs/planted.ts", "@aws-sdk/client-sqs"],
  ["the signed client from an adapter", "shared/aws/planted.ts", "../dynamodb/items/attributes/keys.ts"],
  ["the signed client from the AWS SDK", "shared/aws/planted.ts", "@aws-sdk/core"],
  ["an adapter from a function", "shared/kafka/planted.ts", "../../functions/processor/session/delivery.ts"],
  ["the scheduler from the processor", "functions/scheduler/planted.ts", "../processor/session/delivery.ts"],
  ["the processor from the scheduler", "functions/processor/planted.ts", "../scheduler/deps/scheduler-deps.ts"],
  ["a function from the stack", "functions/scheduler/planted.ts", "../../cdk/lib/range-pipeline.ts"],
  ["a function from the CDK", "functions/processor/planted.ts", "aws-cdk-lib"],
  ["a command from the stack", "functions/cli/planted.ts", "../../cdk/lib/range-pipeline.ts"],
  ["a pipeline from a test", "functions/pipelines/planted.ts", "../../test/support/fake-clock.ts"],
  ["the stack from Kafka's adapter", "cdk/lib/planted.ts", "../../shared/kafka/records/varint.ts"],
  ["the stack from the ledger's adapter", "cdk/lib/planted.ts", "../../shared/dynamodb/items/attributes/keys.ts"],
  ["the stack from a use case", "cdk/lib/planted.ts", "../../functions/scheduler/schedule-batch.ts"],
  // The pattern "node:*" of .biome.json stops at the slash; "node:*/**" goes on.
  ["core from a part of a Node module", "shared/core/planted.ts", "node:fs/promises"],
];

const ALLOWED: readonly Planted[] = [
  ["core its own assertions", "shared/core/planted.ts", "node:assert/strict"],
  ["core itself", "shared/core/planted.ts", "./limits.ts"],
  ["a part of core the whole's limits", "shared/core/plan/planted.ts", "../limits.ts"],
  ["a part of core another part", "shared/core/plan/planted.ts", "../range/offset-range.ts"],
  ["the ledger its own vendor", "shared/dynamodb/planted.ts", "@aws-sdk/client-dynamodb"],
  ["the ledger core", "shared/dynamodb/planted.ts", "../core/limits.ts"],
  ["the stack a function's configuration", "cdk/lib/planted.ts", "../../functions/scheduler/scheduler-config.ts"],
];

let copy: string;
/** What the lint says of the planted files. */
let refusals: readonly string[];

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), "import-directions-"));
  await Promise.all(FOLDERS.map((folder) => cp(join(ROOT, folder), join(copy, folder), { recursive: true })));
  await Promise.all(
    [".biome.json", "package.json", ".gitignore"].map((file) => cp(join(ROOT, file), join(copy, file))),
  );
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rm(copy, { recursive: true }));

test("no source imports against the directions", async () => {
  expect(await badImports(FOLDERS)).toEqual([]);
});

describe("of files that are planted", () => {
  beforeAll(async () => {
    const planted = [...REFUSED, ...ALLOWED].flatMap(([what, path, source]) => [
      { path: plantedPath(what, path, "import"), text: `import * as x from "${source}";\nvoid x;\n` },
      { path: plantedPath(what, path, "export"), text: `export * from "${source}";\n` },
    ]);
    await Promise.all(planted.map(({ path, text }) => writeFile(join(copy, path), text)));
    refusals = await badImports(planted.map(({ path }) => path));
  });

  test.each(REFUSED)("the lint refuses %s", (what, path) => {
    expect(refusals).toContain(refusal(plantedPath(what, path, "import")));
    expect(refusals).toContain(refusal(plantedPath(what, path, "export")));
  });

  test.each(ALLOWED)("the lint allows %s", (what, path) => {
    expect(refusals).not.toContain(refusal(plantedPath(what, path, "import")));
    expect(refusals).not.toContain(refusal(plantedPath(what, path, "export")));
  });

  test("the lint refuses each once", () => {
    expect(refusals.length).toBe(2 * REFUSED.length);
  });
});

function refusal(path: string): string {
  return `lint/style/noRestrictedImports in ${path}`;
}

/** A file of its own beside the case's, since cases share a path. */
function plantedPath(what: string, path: string, statement: "import" | "export"): string {
  return path.replace("planted", `planted-${what.replaceAll(/[^a-z]+/gi, "-")}-${statement}`);
}

/** The files, of those in the paths, that import what they must not. */
async function badImports(paths: readonly string[]): Promise<readonly string[]> {
  const lint = [
    BIOME,
    "lint",
    "--only=style/noRestrictedImports",
    "--reporter=json",
    "--max-diagnostics=none",
    ...paths,
  ];
  // Runs under this Node: the launcher is a script.
  const { stdout } = await promisify(execFile)(process.execPath, lint, { cwd: copy, maxBuffer: 10_000_000 }).catch(
    (error: { readonly stdout: string }) => error, // Exits with 1 when it finds something.
  );
  const report: { readonly summary: Summary; readonly diagnostics: readonly Diagnostic[] } = JSON.parse(stdout);
  // Nothing found in no file would prove nothing.
  expect(report.summary.unchanged).toBeGreaterThan(0);
  return report.diagnostics.map(({ category, location }) => `${category} in ${location.path}`);
}

interface Summary {
  /** How many files were looked at. */
  readonly unchanged: number;
}

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string };
}
