// Props as an app gives them that nobody checks by types: Node strips those.

import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { App, Duration, Errors, Stack } from "aws-cdk-lib";
import { Key } from "aws-cdk-lib/aws-kms";
import { expect, onTestFinished, test } from "vitest";
import { LedgerTable } from "../../cdk/lib/ledger-table.ts";
import { RangePipeline } from "../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../cdk/lib/runtime-function.ts";

const required = {
  bootstrapServers: ["b-1.example:9092"],
  topics: ["orders"],
  processorEntry: projectPath("functions/pipelines/word-count.ts"),
};

/** What is refused of these props, line by line. */
function refusal(props: object): readonly string[] {
  const stack = new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
  return linesOf(() => new RangePipeline(stack, "Orders", { ...required, ...props } as RangePipelineProps));
}

function linesOf(construct: () => unknown): readonly string[] {
  try {
    construct();
  } catch (error) {
    expect(Errors.isValidationError(error)).toBe(true);
    const [, ...lines] = String(error instanceof Error ? error.message : error).split("\n  ");
    return lines;
  }
  return [];
}

test.each<[string, object, string]>([
  ["a misspelt prop", { maxAtempts: 2 }, "maxAtempts is not a prop; was maxAttempts meant?"],
  ["a prop that is none", { parallelismHint: 4 }, "parallelismHint is not a prop; remove it"],
  [
    "a misspelt field of sasl",
    { sasl: { mechanism: "AWS_MSK_IAM", clusterArn: "arn", clusterArm: "arn" } },
    "sasl.clusterArm is not a prop; was sasl.clusterArn meant?",
  ],
  [
    "a missing field of sasl",
    { sasl: { mechanism: "AWS_MSK_IAM" } },
    "sasl.clusterArn is not set, and has no default; give it, or an mskCluster",
  ],
  [
    "a mechanism that is none",
    { sasl: { mechanism: "GSSAPI" }, securityProtocol: "SASL_SSL" },
    'sasl.mechanism is "GSSAPI"; choose one of AWS_MSK_IAM, PLAIN, SCRAM-SHA-256, SCRAM-SHA-512',
  ],
  [
    "a misspelt field of an assigned partition",
    { topics: undefined, assign: [{ topic: "orders", partition: 0, partiton: 1 }] },
    "assign[0].partiton is not a prop; was assign[0].partition meant?",
  ],
  [
    "a misspelt field of the subnets",
    { vpcSubnets: { subnetTyp: "Private" } },
    "vpcSubnets.subnetTyp is not a prop; was vpcSubnets.subnetType meant?",
  ],
  ["a topic in place of a list", { topics: "orders" }, 'topics is "orders"; choose a list'],
  ["a number of minutes", { dispatchTimeout: 2 }, "dispatchTimeout is 2; choose a Duration, as Duration.minutes(2)"],
  ["a part of a record", { maxRecordsPerBatch: 1.5 }, "maxRecordsPerBatch is 1.5; choose a whole number"],
  ["a word for a flag", { scheduleEnabled: "false" }, 'scheduleEnabled is "false"; choose true or false'],
  [
    "a table for a ledger",
    { ledger: "ranges" },
    'ledger is "ranges"; choose a LedgerTable, or what LedgerTable.fromTableName gives',
  ],
  ["a number as a variable", { processorEnvironment: { N: 1 } }, "processorEnvironment.N is 1; choose a text"],
  [
    "a variable of the strategy that the scheduler would refuse",
    { schedulerEnvironment: { RANGES_MODE: "fast" } },
    "schedulerEnvironment has RANGES_MODE; choose other names: RANGES_* is what the props say",
  ],
  [
    "a processor's file that does not exist",
    { processorEntry: "nowhere/orders.ts" },
    `processorEntry is "nowhere/orders.ts", and ${projectPath("nowhere/orders.ts")} does not exist; name the file that exports the handler`,
  ],
  [
    "a strategy's file that does not exist",
    { topics: undefined, strategyEntry: "/nowhere/orders.ts" },
    'strategyEntry is "/nowhere/orders.ts", and /nowhere/orders.ts does not exist; name the file that exports the handler',
  ],
  [
    "a folder in place of a file",
    { processorEntry: "functions/pipelines" },
    `processorEntry is "functions/pipelines", and ${projectPath("functions/pipelines")} is no file of TypeScript or JavaScript; name the file that exports the handler`,
  ],
  [
    "the name of an architecture",
    { architecture: "arm64" },
    'architecture is "arm64"; choose Architecture.ARM_64 or Architecture.X86_64',
  ],
  ["no processor", { processorEntry: undefined }, "processorEntry is not set, and has no default"],
  ["a bound of the functions", { maxAttempts: 0 }, "maxAttempts 0 is wrong: expected a whole number from 1 to 100"],
])("PR1: refuses %s, and nothing else", (_, props, message) => {
  expect(refusal(props)).toEqual([message]);
});

test("PR2: tells all that is wrong at once, each once", () => {
  const props = {
    maxAtempts: 2,
    maxAttempts: 0,
    topics: ["no topic!"],
    processorTimeout: Duration.hours(1),
    ordered: 1,
  };

  expect(refusal(props)).toEqual([
    "maxAtempts is not a prop; was maxAttempts meant?",
    "ordered is 1; choose true or false",
    "processorTimeout is 1 hour; choose 10 seconds to 15 minutes",
    "maxAttempts 0 is wrong: expected a whole number from 1 to 100",
    'topics ["no topic!"] is wrong: is not a legal Kafka topic name',
  ]);
});

test("PR2: tells what is out of bounds beside what is of no type that there is", () => {
  const props = { maxAttempts: 0, onFailure: "stop", maxConcurrency: Number.NaN, dispatchesPerSecond: 0 };

  expect(refusal(props as never).toSorted()).toEqual([
    "dispatchesPerSecond 0 is wrong: expected a whole number from 1 to 10000",
    "maxAttempts 0 is wrong: expected a whole number from 1 to 100",
    "maxConcurrency NaN is wrong: expected a whole number from 1 to 20000",
    'onFailure "stop" is wrong: expected one of "halt", "quarantine"',
  ]);
});

test("tells that two sources are given beside a value that is wrong", () => {
  expect(refusal({ topicPattern: "orders-.*", maxAttempts: 0 })).toEqual([
    'topics ["orders"] is wrong: expected exactly one of topics, topicPattern, assign and strategy',
    "maxAttempts 0 is wrong: expected a whole number from 1 to 100",
  ]);
});

test("a ledger's props are refused as a pipeline's are", () => {
  const stack = new Stack(new App(), "Test");
  const given = (props: object) => linesOf(() => new LedgerTable(stack, JSON.stringify(props), props));
  const imported = () =>
    LedgerTable.fromTableName(stack, "Imported", "ranges", { key: new Key(stack, "Key") } as object);

  expect(given({ tablName: "ranges" })).toEqual(["tablName is not a prop; was tableName meant?"]);
  expect(given({ deletionProtection: "no" })).toEqual(['deletionProtection is "no"; choose true or false']);
  expect(linesOf(imported)).toEqual(["key is not a prop; there are encryptionKey"]);
});

test("an app that Node runs shows what is refused with the construct's place, and hardly a stack trace", async () => {
  const folder = await mkdtemp(join(tmpdir(), "props-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const app = join(folder, "app.ts");
  const importing = (path: string) => JSON.stringify(projectPath(path));
  await writeFile(
    app,
    `import { App, Stack } from ${importing("node_modules/aws-cdk-lib/index.js")};
     import { RangePipeline } from ${importing("cdk/lib/range-pipeline.ts")};
     const stack: unknown = new Stack(new App(), "Shop");
     new RangePipeline(stack as never, "Orders", { maxAtempts: 2, topics: ["orders"] } as never);`,
  );

  const { stderr } = await promisify(execFile)(process.execPath, [app]).catch((error: { stderr: string }) => error);

  expect(stderr).toContain("maxAtempts is not a prop; was maxAttempts meant?");
  expect(stderr).toContain("bootstrapServers is not set");
  expect(stderr).toMatch(/Relates to construct:.*Shop.*Orders/s);
  // Where it was refused, where the construct was made, and where the app made it.
  expect(stderr.match(/^ {4}at /gm)).toHaveLength(3);
});
