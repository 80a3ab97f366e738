import { randomUUID } from "node:crypto";
import { BatchWriteItemCommand, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { runScheduler } from "../../../functions/scheduler/run-scheduler.ts";
import { newProgress } from "../../../shared/core/ledger/reprocess-request.ts";
import { listOffsets } from "../../../shared/core/offsets/offset-list.ts";
import { NO_COUNTS, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { rangeKey } from "../../../shared/dynamodb/items/attributes/keys.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { encodeRequest } from "../../../shared/dynamodb/items/request-codec.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { aReprocessRequest, PACING } from "../../support/builders/reprocess-builders.ts";
import { type CapacityMeter, meterCapacity } from "../../support/ledger/capacity-meter.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import {
  aChain,
  applied,
  aRange,
  claimBy,
  commitOf,
  completionOf,
  NOW,
  RETENTION_MS,
  toArray,
} from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import { createSchedulerBench } from "../../support/pipeline/scheduler-bench.ts";

const BATCH_ITEMS = 25;

describe.each(DYNAMODB_ENGINES)("the ledger's costs on $name", ({ endpointKey, unitsPerTransactedItem }) => {
  let subject: DynamoDBLedgerUnderTest;
  let meter: CapacityMeter;
  beforeAll(async () => {
    const made = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    const { client, tableName } = made;
    subject = { ...made, ledger: createDynamoDBRangeLedger(client, { tableName, newId: randomUUID }) };
    meter = meterCapacity(client);
  });
  afterAll(async () => {
    await subject[Symbol.asyncDispose]();
  });

  test("a range costs three write units: plan, claim and complete", async () => {
    meter.takeWriteUnits();
    const { record } = await subject.ledger.planRange(aRange(aChain()));
    expect(meter.takeWriteUnits()).toBe(1);

    const claimed = await applied(subject, record, () => claimBy("owner-1"));
    expect(meter.takeWriteUnits()).toBe(1);

    await applied(subject, claimed, completionOf);
    expect(meter.takeWriteUnits()).toBe(1);
  });

  test("a completion that rejects two hundred records apart from each other costs one write unit as well", async () => {
    const { record } = await subject.ledger.planRange(aRange(aChain(), { untilOffset: 10_000n }));
    const claimed = await applied(subject, record, () => claimBy("owner-1"));
    const offsets = Array.from({ length: 200 }, (_, index) => claimed.fromOffset + 49n * BigInt(index));
    const counts = { ...NO_COUNTS, delivered: 9_995n, rejected: 200n };
    meter.takeWriteUnits();

    await applied(subject, claimed, (seen) => ({
      ...completionOf(seen),
      counts,
      rejectedOffsets: listOffsets(offsets),
    }));

    expect(meter.takeWriteUnits()).toBe(1);
  });

  test("G8: looking at an idle partition costs one read unit and no write", async () => {
    const range = aRange(aChain());
    await subject.ledger.planRange(range);
    meter.takeWriteUnits();
    meter.takeReadUnits();

    await subject.ledger.newestRange(range.chain);

    expect(meter.takeReadUnits()).toBe(1);
    expect(meter.takeWriteUnits()).toBe(0);
  });

  test("G8: an idle run costs one read unit per partition and three of the pipeline's own", async () => {
    const pipeline = `p-${randomUUID()}`;
    const partitions = 12;
    const bench = createSchedulerBench(partitions);
    bench.produceToEach(3);
    const deps = { ...bench.deps, ledger: subject.ledger, newId: () => randomUUID() };
    const rules = { ...bench.rules, pipeline };
    meter.takeWriteUnits();
    await runScheduler(deps, rules, { kind: "tick" });
    // Each range's plan, and the pipeline's record twice: where it starts, and what it has started on.
    expect(meter.takeWriteUnits()).toBe(partitions + 2);
    for (const { record } of bench.dispatcher.take()) {
      const claimed = await applied(subject, record, () => claimBy("owner-1"));
      await applied(subject, claimed, completionOf);
    }
    meter.takeWriteUnits();
    meter.takeReadUnits();

    const outcome = await runScheduler(deps, rules, { kind: "tick" });

    expect(outcome.batch?.partitions.map(({ kind }) => kind)).toEqual(new Array(partitions).fill("idle"));
    expect(meter.takeReadUnits()).toBeLessThanOrEqual(partitions + 3);
    expect(meter.takeWriteUnits()).toBe(0);
  });

  test("a commit with outputs costs a transaction's units for itself and each output", async () => {
    const { record } = await subject.ledger.planRange(aRange(aChain()));
    const claimed = await applied(subject, record, () => claimBy("owner-1"));
    meter.takeWriteUnits();

    await subject.ledger.changeRange(claimed, commitOf(claimed, 8n), [subject.output(randomUUID())]);

    expect(meter.takeWriteUnits()).toBe(2 * unitsPerTransactedItem);
  });

  test("the longest names, ids and errors still fit one write unit", async () => {
    const record = theLargestRecord();
    meter.takeWriteUnits();

    await subject.ledger.planRange(record);

    expect(meter.takeWriteUnits()).toBe(1);
  });

  test("reads a chain of several pages whole and in order", async () => {
    const chain = aChain({ partition: 4 });
    const records = Array.from({ length: 1_600 }, (_, index) => ({
      ...theLargestRecord(),
      chain,
      partition: 4,
      fromOffset: BigInt(index),
      committedOffset: BigInt(index),
      untilOffset: BigInt(index + 1),
    }));
    await storeAll(subject, records);
    const before = meter.requests("QueryCommand");

    const offsets = (await toArray(subject.ledger.ranges(chain))).map(({ fromOffset }) => fromOffset);

    expect(offsets).toEqual(records.map(({ fromOffset }) => fromOffset));
    expect(meter.requests("QueryCommand") - before).toBeGreaterThan(1);
    await expect(subject.ledger.newestRange(chain)).resolves.toMatchObject({ fromOffset: 1_599n });
  });

  test("reads reprocess requests and their ranges over several pages", async () => {
    const pipeline = `p-${randomUUID()}`;
    const range = { topicId: randomUUID(), topic: "orders", partition: 0, fromOffset: 0n, untilOffset: 1n };
    const requests = Array.from({ length: 5 }, (_, index) => ({
      pipeline,
      requestId: `request-${index}`,
      requestedAt: NOW,
      payload: "x".repeat(300_000),
      ranges: [range],
      ...PACING,
    }));
    for (const request of requests) {
      await subject.ledger.requestReprocess(request);
    }
    const before = meter.requests("QueryCommand");

    await expect(toArray(subject.ledger.reprocessRequests(pipeline))).resolves.toEqual(requests);

    expect(meter.requests("QueryCommand") - before).toBeGreaterThan(1);
  });

  test("looking at the open requests costs one read unit, whatever was completed before", async () => {
    const pipeline = `p-${randomUUID()}`;
    for (const requestId of ["a", "b", "c"]) {
      const request = aReprocessRequest({ pipeline, requestId, payload: "x".repeat(100_000) });
      await subject.ledger.requestReprocess(request);
      await subject.ledger.completeReprocess(request, NOW, RETENTION_MS);
    }
    meter.takeReadUnits();

    await expect(subject.ledger.openReprocesses(pipeline)).resolves.toEqual([]);

    expect(meter.takeReadUnits()).toBe(1);
  });

  test("a request that earlier code stored alone is listed as open once it is asked for again", async () => {
    const request = aReprocessRequest({ pipeline: `p-${randomUUID()}` });
    const { pipeline, requestId } = request;
    await subject.client.send(new PutItemCommand({ TableName: subject.tableName, Item: encodeRequest(request) }));
    await expect(subject.ledger.openReprocesses(pipeline)).resolves.toEqual([]);

    await expect(subject.ledger.requestReprocess(request)).resolves.toEqual(request);

    await expect(subject.ledger.openReprocesses(pipeline)).resolves.toEqual([newProgress(requestId)]);
  });

  test("the table's expiry is kept in seconds, never early", async () => {
    const { record } = await subject.ledger.planRange(aRange(aChain()));
    const claimed = await applied(subject, record, () => claimBy("owner-1"));

    const completed = await applied(subject, claimed, (running) => ({ ...completionOf(running), now: NOW + 1 }));

    const { Item } = await subject.client.send(
      new GetItemCommand({ TableName: subject.tableName, Key: rangeKey(record) }),
    );
    expect(Item?.["expiresAt"]).toEqual({ N: String((NOW + RETENTION_MS) / 1_000 + 1) });
    expect(completed).toMatchObject({ completedAt: NOW + 1, expiresAt: NOW + RETENTION_MS + 1_000 });
    await expect(subject.ledger.newestRange(record.chain)).resolves.toEqual(completed);
  });
});

/** Longest names of everything, in the layout whose key is longest: a reprocess request's. */
function theLargestRecord(): RangeRecord {
  const untilOffset = 9_223_372_036_854_775_807n;
  const chain = aChain({ pipeline: "p".repeat(64), partition: 2_147_483_647, requestId: "r".repeat(64) });
  return {
    ...aRange(chain, { fromOffset: untilOffset - 1n, untilOffset, batchId: randomUUID() }),
    topic: "t".repeat(249),
    status: "RUNNING",
    revision: 999_999,
    counts: { delivered: untilOffset, aborted: untilOffset, control: untilOffset, bytes: untilOffset },
    attempt: 999_999,
    failedAttempts: 999_999,
    leaseCounter: 999_999,
    lease: { owner: `${randomUUID()}/${randomUUID()}`, counter: 999_999, expiresAt: NOW },
    dispatchedAt: NOW,
    startedAt: NOW,
    leaderEpoch: 2_147_483_647,
    error: { name: "E".repeat(240), message: "ошибка".repeat(40) },
  };
}

async function storeAll({ client, tableName }: DynamoDBLedgerUnderTest, records: readonly RangeRecord[]) {
  for (let index = 0; index < records.length; index += BATCH_ITEMS) {
    const batch = records.slice(index, index + BATCH_ITEMS);
    const { UnprocessedItems = {} } = await client.send(
      new BatchWriteItemCommand({
        RequestItems: { [tableName]: batch.map((record) => ({ PutRequest: { Item: encodeRange(record) } })) },
      }),
    );
    if (Object.keys(UnprocessedItems).length > 0) {
      throw new Error("the engine left items of a batch unprocessed");
    }
  }
}
