// While a release is rolled out, or back, functions of both write the same table.

import { randomUUID } from "node:crypto";
import { GetItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { newProgress } from "../../../shared/core/ledger/reprocess-request.ts";
import {
  type Item,
  openRequestsKey,
  pipelineKey,
  rangeKey,
  requestKey,
} from "../../../shared/dynamodb/items/attributes/keys.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { FROZEN_RELEASES } from "../../releases/frozen-releases.ts";
import { aHaltedRecord } from "../../support/builders/builders.ts";
import { aReprocessRequest } from "../../support/builders/reprocess-builders.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import {
  aChain,
  aClaimedRange,
  applied,
  commitOf,
  completionOf,
  NOW,
} from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import { describeRangeLedger } from "../../support/ledger/range-ledger-contract.ts";

const later = { M: { any: { S: "thing" } } };

for (const { version, load } of FROZEN_RELEASES) {
  describeRangeLedger(`a ledger that release ${version} writes as well`, async () => {
    const { createDynamoDBRangeLedger } = await load();
    return createDynamoDBLedgerUnderTest(inject("dynamodbLocal.endpoint"), createDynamoDBRangeLedger);
  });
}

describe.each(DYNAMODB_ENGINES)("IC5: what a later release added stays as it is, on $name", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
  });
  afterAll(async () => {
    await subject[Symbol.asyncDispose]();
  });

  async function add(key: Item): Promise<void> {
    await subject.client.send(
      new UpdateItemCommand({
        TableName: subject.tableName,
        Key: key,
        UpdateExpression: "SET later = :later",
        ExpressionAttributeValues: { ":later": later },
      }),
    );
  }

  async function stored(key: Item): Promise<Item> {
    const { Item } = await subject.client.send(
      new GetItemCommand({ TableName: subject.tableName, Key: key, ConsistentRead: true }),
    );
    return Item ?? expect.unreachable();
  }

  test("through a range's life, which leaves nothing else behind", async () => {
    const { ledger } = subject;
    const claimed = await aClaimedRange(subject);
    const key = rangeKey(claimed);
    await add(key);

    const committed = await applied(subject, claimed, (record) => commitOf(record, 9n));
    const error = { name: "TypeError", message: "boom" };
    const failed = await applied(subject, committed, ({ lease }) => ({
      kind: "fail",
      lease: lease ?? expect.unreachable(),
      error,
      now: NOW,
      retryAt: NOW + 1,
    }));
    const retried = await applied(subject, failed, () => ({
      kind: "retry",
      operator: { by: "ann", reason: "mended" },
      now: NOW + 1,
    }));
    const again = await applied(subject, retried, () => ({ kind: "claim", owner: "b", now: NOW + 1, leaseMs: 9 }));
    const outcome = await ledger.changeRange(again, completionOf(again), [subject.output(randomUUID())]);

    const done = outcome.kind === "changed" ? outcome.record : expect.unreachable();
    await expect(stored(key)).resolves.toEqual({ ...encodeRange(done), later });
  });

  test("when the range is split", async () => {
    const halted = aHaltedRecord({
      chain: aChain(),
      partition: 3,
      fromOffset: 5n,
      untilOffset: 9n,
      committedOffset: 6n,
    });
    await subject.ledger.planRange(halted);
    await add(rangeKey(halted));

    const split = await subject.ledger.splitRange(halted, { at: 8n, first: "LOST", now: NOW, retentionMs: 1_000 });

    const { first, rest } = split.kind === "split" ? split : expect.unreachable();
    await expect(stored(rangeKey(first))).resolves.toEqual({ ...encodeRange(first), later });
    const half = rest ?? expect.unreachable();
    await expect(stored(rangeKey(half))).resolves.toEqual(encodeRange(half));
  });

  test("of a pipeline, whose own attributes go when they are over", async () => {
    const { ledger } = subject;
    const pipeline = `p-${randomUUID()}`;
    const pauses = [{ by: "ann", reason: "rest", at: 1 }];
    await ledger.writePipeline({ pipeline, revision: 1, startedAt: 1, topics: [], pauses });
    await add(pipelineKey(pipeline));

    await expect(ledger.writePipeline({ pipeline, revision: 2, startedAt: 1, topics: [] })).resolves.toBe(true);

    await expect(ledger.readPipeline(pipeline)).resolves.toEqual({ pipeline, revision: 2, startedAt: 1, topics: [] });
    await expect(stored(pipelineKey(pipeline))).resolves.toMatchObject({ later });
  });

  test("of a request, and of the list of those that are open", async () => {
    const { ledger } = subject;
    const request = aReprocessRequest({ pipeline: `p-${randomUUID()}` });
    const { pipeline, requestId } = request;
    await ledger.requestReprocess(request);
    await add(requestKey(pipeline, requestId));
    await add(openRequestsKey(pipeline));

    await ledger.changeReprocess(pipeline, requestId, (present) => ({ ...present, open: [0] }));
    await expect(ledger.openReprocesses(pipeline)).resolves.toEqual([{ ...newProgress(requestId), open: [0] }]);
    await ledger.completeReprocess({ pipeline, requestId }, NOW, 1_000);

    await expect(ledger.readReprocess(pipeline, requestId)).resolves.toMatchObject({
      completion: { completedAt: NOW },
    });
    for (const key of [requestKey(pipeline, requestId), openRequestsKey(pipeline)]) {
      await expect(stored(key)).resolves.toMatchObject({ later });
    }
  });
});
