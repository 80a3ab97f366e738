// What an operator's role has to allow: the actions that the commands really need, held
// against what the construct grants.

import { randomUUID } from "node:crypto";
import { beforeAll, expect, inject, test } from "vitest";
import { beginReprocess } from "../../../functions/scheduler/reprocess/reprocess.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { aReprocessPayload } from "../../support/builders/reprocess-builders.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { grantedActions } from "../../support/deploy/granted-actions.ts";
import { serveFunction } from "../../support/functions/function-endpoint.ts";
import { type RecordingEndpoint, recordActions } from "../../support/functions/recorded-actions.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

let table: DynamoDBLedgerUnderTest;
let aws: RecordingEndpoint;

beforeAll(async () => {
  const endpoint = inject("dynamodbLocal.endpoint");
  table = await createDynamoDBLedgerUnderTest(endpoint);
  aws = await recordActions(endpoint);
  return () => Promise.all([table[Symbol.asyncDispose](), aws[Symbol.asyncDispose]()]);
});

/** Runs the command on a pipeline with a halted range, and says what it needed. */
async function needs(verb: string, ...args: readonly string[]): Promise<readonly string[]> {
  const pipeline = `p-${randomUUID()}`;
  const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: [3] }];
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics });
  const chain = { pipeline, topicId: ORDERS_ID, partition: 3 };
  const before = aRangeRecord({ status: "COMPLETED", fromOffset: 0n, untilOffset: 120n, expiresAt: Date.now() + 1e8 });
  for (const record of [before, aHaltedRecord({ fromOffset: 120n, untilOffset: 200n, committedOffset: 150n })]) {
    await table.ledger.planRange({ ...record, chain });
  }
  aws.take();
  const where = ["--table", table.tableName, "--pipeline", pipeline, "--endpoint-url", aws.url];
  const { code, stderr } = await runRanges([verb, ...where, ...args]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return aws.take();
}

const union = (sets: readonly (readonly string[])[]) => [...new Set(sets.flat())].toSorted();

test("grantReadLedger allows what status and verify need, and nothing else", async () => {
  const needed = [await needs("status"), await needs("verify")];

  expect(grantedActions((pipeline, role) => pipeline.grantReadLedger(role))).toEqual(union(needed));
});

test("grantOperate allows what every command on the ledger needs, and beside it what letters need", async () => {
  const reason = ["--reason", "mended"];
  const needed = [
    await needs("status"),
    await needs("verify"),
    await needs("retry", "--range", "orders:3"),
    await needs("retry", "--all"),
    await needs("skip", "--range", "orders:3:120", ...reason),
    await needs("skip", "--range", "orders:3:120", "--until", "160", ...reason),
    await needs("skip", "--range", "orders:3:120", "--offset", "160", ...reason),
    await needs("pause", ...reason),
    await needs("pause", "--partition", "orders:3", ...reason),
    await needs("resume"),
    await needsToCancel(),
    await needsToReprocess(),
  ];

  const granted = grantedActions((pipeline, role) => pipeline.grantOperate(role));
  // What letters need is held by letter-policy.test.ts.
  expect(granted.filter((action) => !action.startsWith("sqs:"))).toEqual(union(needed));
});

async function needsToCancel(): Promise<readonly string[]> {
  const pipeline = `p-${randomUUID()}`;
  await table.ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics: [] });
  const bench = createSchedulerBench(1);
  bench.produceToEach(10);
  const deps = { ...bench.deps, ledger: table.ledger, newId: () => randomUUID(), now: () => Date.now() };
  const ranges = [{ topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 10n }];
  await beginReprocess(deps, { ...bench.rules, pipeline }, aReprocessPayload("again-1", ranges, {}));
  aws.take();
  const where = ["--table", table.tableName, "--pipeline", pipeline, "--endpoint-url", aws.url];
  const { code, stderr } = await runRanges(["cancel", ...where, "--request-id", "again-1", "--reason", "mended"]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return aws.take();
}

/** The function is asked, and the ledger left to it. */
async function needsToReprocess(): Promise<readonly string[]> {
  await using lambda = await serveFunction(() => Promise.resolve({ reprocess: [] }));
  await using endpoint = await recordActions(lambda.url);
  const args = ["--function", "scheduler", "--request-id", "again", "--range", "orders:3:0:9", "--dry-run"];
  await runRanges(["reprocess", ...args, "--endpoint-url", endpoint.url]);
  return endpoint.take();
}
