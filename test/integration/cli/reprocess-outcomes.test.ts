import { randomUUID } from "node:crypto";
import { DeleteItemCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, inject, test } from "vitest";
import { answerRefusal } from "../../../functions/scheduler/answer-refusal.ts";
import { runScheduler } from "../../../functions/scheduler/run-scheduler.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { rangeKey } from "../../../shared/dynamodb/items/attributes/keys.ts";
import { decodeSchedulerEvent } from "../../../shared/wire/events/scheduler-event.ts";
import { toJson } from "../../../shared/wire/json/json.ts";
import { runRanges } from "../../support/cli/run-ranges.ts";
import { serveFunction } from "../../support/functions/function-endpoint.ts";
import { giveUp } from "../../support/give-up.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

let table: DynamoDBLedgerUnderTest;

beforeAll(async () => {
  table = await createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"));
  return () => table[Symbol.asyncDispose]();
});

type Processor = (ledger: RangeLedger<never>, record: RangeRecord) => Promise<void>;

/** A pipeline of one partition, whose scheduler function is served, and whose processor does that to what is planned. */
async function serve(process: Processor) {
  const pipeline = `p-${randomUUID()}`;
  const ledger = table.ledger as RangeLedger<never>; // No test writes outputs.
  await ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics: [] });
  const bench = createSchedulerBench(1);
  bench.produce(0, 10);
  const deps = { ...bench.deps, ledger, newId: () => randomUUID(), now: () => Date.now() };
  const rules = { ...bench.rules, pipeline };
  const records = () => Array.fromAsync(ledger.reprocessRanges(pipeline, "again-1"));
  const endpoint = await serveFunction((event) =>
    answerRefusal(event, { warn: () => undefined }, async () => {
      const outcome = await runScheduler(deps, rules, decodeSchedulerEvent(event));
      for (const record of (await records()).filter((one) => !isClosed(one))) {
        await process(ledger, record);
      }
      return toJson(outcome);
    }),
  );
  const where = [
    "--table",
    table.tableName,
    "--endpoint-url",
    inject("dynamodbLocal.endpoint"),
    "--pipeline",
    pipeline,
  ];
  const asked = ["--function", "scheduler", "--request-id", "again-1"];
  return {
    pipeline,
    records,
    run: (command: string, ...args: readonly string[]) => runRanges([command, ...where, ...args]),
    reprocess: (...args: readonly string[]) =>
      runRanges(["reprocess", ...asked, "--range", "orders:0:0:10", "--endpoint-url", endpoint.url, ...args]),
    refuse: (...args: readonly string[]) => runRanges(["reprocess", ...asked, "--endpoint-url", endpoint.url, ...args]),
    [Symbol.asyncDispose]: () => endpoint[Symbol.asyncDispose](),
  };
}

const complete =
  (rejected = 0n): Processor =>
  async (ledger, record) => {
    const claim = { kind: "claim", owner: "processor", now: Date.now(), leaseMs: 60_000 } as const;
    const claimed = await ledger.changeRange(record, claim);
    const running = claimed.kind === "changed" ? claimed.record : expect.unreachable(claimed.kind);
    const { committedOffset: fromOffset, untilOffset, leaseCounter: counter } = running;
    const rejects = rejected === 0n ? {} : { rejected };
    const counts = { delivered: untilOffset - fromOffset, aborted: 0n, control: 0n, bytes: 0n, ...rejects };
    const lease = { owner: "processor", counter };
    await ledger.changeRange(running, {
      kind: "complete",
      lease,
      fromOffset,
      counts,
      now: Date.now(),
      retentionMs: 86_400_000,
    });
  };

const quarantineFirst: Processor = (ledger, record) =>
  record.fromOffset === 0n
    ? giveUp(ledger, record, { at: 1n, first: "QUARANTINED", now: Date.now() })
    : complete()(ledger, record);

test("a request of which every offset was processed is completed, with exit code 0", async () => {
  await using served = await serve(complete());

  const { code, stdout, stderr } = await served.reprocess("--wait");

  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /again-1 completed: 1 of 1 ranges closed, 0 open, 0 halted; 10 offsets = 10 processed\n$/,
    ),
  });
  expect(JSON.parse(stdout)).toMatchObject({
    closed: true,
    completed: true,
    offsets: { total: "10", processed: "10" },
  });
});

test.each<[string, Processor, string]>([
  ["quarantined again", quarantineFirst, "9 processed + 1 quarantined"],
  ["skipped", (ledger, record) => giveUp(ledger, record, { at: 10n, first: "SKIPPED", now: Date.now() }), "10 skipped"],
  ["lost", (ledger, record) => giveUp(ledger, record, { at: 10n, first: "LOST", now: Date.now() }), "10 lost"],
  ["rejected by the code itself", complete(2n), "8 processed + 2 rejected"],
])("a request whose range was %s is closed, not completed, with exit code 1", async (_, process, offsets) => {
  await using served = await serve(process);

  const { code, stderr } = await served.reprocess("--wait");

  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining(
      `again-1 closed, not every offset was processed: 1 of 1 ranges closed, 0 open, 0 halted; 10 offsets = ${offsets}\n`,
    ),
  });
});

test("what became of a request's offsets is told by every command after the table has forgotten its ranges", async () => {
  await using served = await serve(quarantineFirst);
  await served.reprocess("--wait");
  for (const record of await served.records()) {
    await table.client.send(new DeleteItemCommand({ TableName: table.tableName, Key: rangeKey(record) }));
  }

  const again = await served.reprocess("--wait");
  const status = await served.run("status");
  const statusJson = await served.run("status", "--json");
  const verify = await served.run("verify");
  const strict = await served.run("verify", "--strict");

  const offsets = { total: "10", processed: "9", quarantined: "1", unknown: "0", left: "0" };
  expect(again).toMatchObject({ code: 1 });
  expect(JSON.parse(again.stdout)).toMatchObject({ closed: true, completed: false, offsets });
  expect(status.stdout).toMatch(/again-1 +closed +1 of 1 +0 +0 +9 of 10 /);
  expect(status.stdout).toContain(`${served.pipeline} again-1: 10 offsets = 9 processed + 1 quarantined\n`);
  expect(JSON.parse(statusJson.stdout)).toMatchObject({ requests: [{ state: "closed", offsets }] });
  expect(verify.stdout).toContain(`${served.pipeline} request again-1: 10 offsets = 9 processed + 1 quarantined\n`);
  expect([verify.code, strict.code]).toEqual([0, 1]);
});

test.each<[string, readonly string[], number, string]>([
  ["an end above the log's end", ["--range", "orders:0:0:11"], 4, "orders-0 [0, 11) ends above the log's end 10"],
  [
    "a chosen end above it",
    ["--ending-offsets", '{"orders":{"0":11}}'],
    4,
    "11 of orders-0 is beyond its log's end 10",
  ],
  ["a topic that does not exist", ["--range", "no-such:0:0:1"], 2, "no-such-0 does not exist"],
  [
    "a partition that is not named",
    ["--ending-offsets", "{}"],
    2,
    "ending offsets do not name orders-0; use -1 for latest",
  ],
])("refuses %s by the exit code and in the words of the other commands", async (_, args, expected, message) => {
  await using served = await serve(complete());

  for (const asked of [args, [...args, "--dry-run"], [...args, "--wait"]]) {
    const { code, stdout, stderr } = await served.refuse(...asked);

    expect({ code, stdout }, stderr).toEqual({ code: expected, stdout: "" });
    expect(stderr).toMatch(/^ranges: nothing was reprocessed: .+\n$/);
    expect(stderr).toContain(message);
  }
});
