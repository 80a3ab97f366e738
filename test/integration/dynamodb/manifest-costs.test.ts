// What the writer of manifests reads and writes of a table, as DynamoDB counts it.

import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, inject, onTestFinished, test } from "vitest";
import { writeDueManifests } from "../../../functions/manifests/write-due-manifests.ts";
import { encodeReceipt } from "../../../shared/archive/archive-memo.ts";
import { BATCH_SETTLED_MS } from "../../../shared/core/limits.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { sdkCalls } from "../../../shared/dynamodb/calls/sdk-calls.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { createManifestLedger } from "../../../shared/dynamodb/manifest-ledger.ts";
import { aChain, aRangeRecord, ORDERS_ID } from "../../support/builders/builders.ts";
import { START } from "../../support/fake-clock.ts";
import { meterCapacity } from "../../support/ledger/capacity-meter.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";

const MINUTE_MS = 60_000;
const PARTITIONS = [0, 1, 2];
const MINUTES = 120;
const BATCH_ITEMS = 25;

/** Of one partition, a range a minute with one object. */
function aChainOf(partition: number): readonly RangeRecord[] {
  return Array.from({ length: MINUTES }, (_, minute) => {
    const [fromOffset, untilOffset] = [BigInt(minute * 1_000), BigInt(minute * 1_000 + 1_000)];
    const key = `archive/topic=orders/dt=2027-01-15/hour=08/part=00000/${fromOffset}-${untilOffset}.jsonl.gz`;
    const object = { key, bytes: 100_000, records: 1_000, sha256: "s".repeat(44), crc32: "c".repeat(10) };
    const receipts = [
      encodeReceipt({ bucket: "orders", prefix: "archive", fromOffset, untilOffset, objects: [object] }),
    ];
    return aRangeRecord({
      ...{ chain: aChain({ partition }), partition, fromOffset, untilOffset, batchId: `batch-${minute}` },
      ...{ status: "COMPLETED", plannedAt: START + minute * MINUTE_MS, receipts },
    });
  });
}

test.each(DYNAMODB_ENGINES)(
  "G8: an idle partition costs the writer of manifests one read unit a run, a busy one a dozen, and one write is for all, on $name",
  async ({ endpointKey }) => {
    const subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    onTestFinished(() => subject[Symbol.asyncDispose]());
    const { client, tableName, ledger } = subject;
    const items = PARTITIONS.flatMap(aChainOf).map(encodeRange);
    for (let at = 0; at < items.length; at += BATCH_ITEMS) {
      const puts = items.slice(at, at + BATCH_ITEMS).map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: puts } }));
    }
    const topics = [{ topicId: ORDERS_ID, topic: "orders", partitions: PARTITIONS }];
    await ledger.writePipeline({ pipeline: "word-count", revision: 1, startedAt: START, topics });
    const manifests = createManifestLedger(sdkCalls(client), { tableName, newId: () => ORDERS_ID });
    const bucket = { create: () => Promise.resolve(true), get: () => Promise.resolve(undefined) };
    const runAt = async (minute: number) => {
      const now = START + minute * MINUTE_MS;
      const rules = { pipeline: "word-count", bucketName: "orders", prefix: "archive", endsAt: now };
      return writeDueManifests({ ledger: manifests, bucket, now: () => now }, rules);
    };
    const settled = BATCH_SETTLED_MS / MINUTE_MS;
    const end = MINUTES - 1;
    // It has stood five minutes before the chain's end.
    await manifests.writeManifestProgress({
      ...{ pipeline: "word-count", revision: 1, waiting: [] },
      ...{ settledBefore: START + (end - 2 * settled) * MINUTE_MS, requests: { revision: 0, since: START } },
    });
    const meter = meterCapacity(client);

    const busy = await runAt(end);
    const busyUnits = [meter.takeReadUnits(), meter.takeWriteUnits()];
    // The last batches, and that there are no more.
    await runAt(end + 2 * settled);
    await runAt(end + 4 * settled);
    meter.takeReadUnits();
    meter.takeWriteUnits();
    const idle = await runAt(end + 20 * settled);
    const idleUnits = [meter.takeReadUnits(), meter.takeWriteUnits()];

    expect(busy.written).toHaveLength(settled);
    expect(busyUnits[0]).toBeLessThanOrEqual(12 * PARTITIONS.length + 3);
    expect(busyUnits[1]).toBe(1);
    expect(idle.written).toEqual([]);
    // Its own progress, the requests and the pipeline's record.
    expect(idleUnits).toEqual([PARTITIONS.length + 3, 0]);
  },
);
