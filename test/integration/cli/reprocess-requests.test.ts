import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { beginReprocess, driveReprocessRequests } from "../../../functions/scheduler/reprocess/reprocess.ts";
import { aReprocessPayload } from "../../support/builders/reprocess-builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

let table: DynamoDBLedgerUnderTest;

beforeAll(async () => {
  table = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  return () => table[Symbol.asyncDispose]();
});

/** A pipeline with a request of four ranges over two partitions, of which one is open. */
async function aRequest() {
  const pipeline = `p-${randomUUID()}`;
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics: [] });
  const bench = createSchedulerBench(2);
  bench.produceToEach(10);
  const deps = { ...bench.deps, ledger: table.ledger, newId: () => randomUUID(), now: () => Date.now() };
  const rules = { ...bench.rules, pipeline };
  const ranges = [0, 1].map((partition) => ({ topic: "orders", partition, fromOffset: 0n, untilOffset: 10n }));
  const asked = { split: { maxRecordsPerRange: 5n }, pacing: { maxConcurrentRanges: 1 } };
  await beginReprocess(deps, rules, aReprocessPayload("again-1", ranges, asked));
  const where = [
    "--table",
    table.tableName,
    "--endpoint-url",
    inject("dynamodbLocal.endpoint"),
    "--pipeline",
    pipeline,
  ];
  return {
    run: (command: string, ...args: readonly string[]) => runRanges([command, ...where, ...args]),
    drive: () => driveReprocessRequests(deps, rules),
    dispatched: bench.dispatcher.accepted,
  };
}

test("a request is shown with its progress, and cancelled with who and why", async () => {
  const { run, drive, dispatched } = await aRequest();

  const before = await run("status", "--json");
  const cancelled = await run("cancel", "--request-id", "again-1", "--reason", "wrong topic", "--by", "ada");
  await drive();
  const after = await run("status");
  const again = await run("cancel", "--request-id", "again-1", "--reason", "again", "--json");

  expect(JSON.parse(before.stdout)).toMatchObject({
    requests: [
      {
        requestId: "again-1",
        state: "open",
        ranges: { total: 4, closed: 0, open: 1, halted: 0 },
        offsets: { total: "20", processed: "0", left: "20" },
      },
    ],
  });
  expect(cancelled).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("again-1 cancelled by ada: wrong topic"),
  });
  expect(after.stdout).toMatch(/again-1 +cancelled +1 of 4 +0 +0 /);
  expect(after.stdout).toContain("again-1: 20 offsets = 5 skipped + 15 left\n");
  expect(after.stdout).toContain("again-1: cancelled by ada at ");
  expect(JSON.parse(again.stdout)).toMatchObject({ applied: false, cancelled: { by: "ada" } });
  expect(dispatched).toHaveLength(1);
});

test("cancelling what the ledger does not know is bad input", async () => {
  const { run } = await aRequest();

  const { code, stderr } = await run("cancel", "--request-id", "again-9", "--reason", "none");

  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringMatching(/^ranges: reprocess request "again-9" of p-/),
  });
});

describe("ranges reprocess refuses before it asks the function", () => {
  test.each<[string, readonly string[], string]>([
    ["no request id", ["--range", "orders:0:1:2"], "--request-id is missing"],
    ["nothing to reprocess", ["--request-id", "r"], "it does not say what to reprocess"],
    ["a wrong option", ["--request-id", "r", "--starting-offsets", "{"], '--starting-offsets "{" is not a JSON object'],
    [
      "a limit of nothing",
      ["--request-id", "r", "--range", "o:0:1:2", "--max-concurrent-ranges", "0"],
      '--max-concurrent-ranges "0" is not a whole number from 1 to 1000',
    ],
    [
      "a limit that is none",
      ["--request-id", "r", "--range", "o:0:1:2", "--max-concurrent-ranges", "x"],
      '--max-concurrent-ranges "x" is not a whole number',
    ],
    ["a file that is none", ["--on-failure-record", "/no/such/file"], '"/no/such/file" cannot be read'],
  ])("%s", async (_, args, message) => {
    const { code, stdout, stderr } = await runRanges(["reprocess", "--function", "f", ...args]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });
});

test("a function that does not exist is bad input, named", async () => {
  const file = join(tmpdir(), `on-failure-${randomUUID()}.json`);
  const recordsInfo = { "orders-0": { firstRecordOffset: "5", lastRecordOffset: "8" } };
  await writeFile(file, JSON.stringify({ requestContext: { requestId: "r-1" }, KafkaBatchInfo: { recordsInfo } }));
  const endpoint = ["--endpoint-url", inject("aws.endpoint")];

  const { code, stderr } = await runRanges([
    "reprocess",
    "--function",
    "no-such",
    "--on-failure-record",
    file,
    ...endpoint,
  ]);

  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("function no-such does not exist") });
});
