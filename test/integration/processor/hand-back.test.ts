import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { openInvocation } from "../../../functions/processor/open-invocation.ts";
import { DEADLINE_MARGIN_MS, LEDGER_REQUEST_TIMEOUT_MS } from "../../../shared/core/limits.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { processorRules } from "../../support/builders/builders.ts";
import { createFakeKafkaLog } from "../../support/kafka/fake-kafka-log.ts";
import { createFakeRangeReader } from "../../support/kafka/fake-range-reader.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { type Faults, startLossyEndpoint } from "../../support/ledger/ledger-faults.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import { aChain, aRange } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import { processRange } from "../../support/pipeline/process-range.ts";

/** How long the invocation goes on until its deadline fires. */
const BUSY_MS = 1_500;

let subject: DynamoDBLedgerUnderTest;
beforeAll(async () => {
  subject = await createDynamoDBLedgerUnderTest(inject("aws.endpoint"));
});
afterAll(() => subject[Symbol.asyncDispose]());

test.each(["returns when it is told to", "never returns"])(
  "AT2: a range is handed back before the kill although the ledger's answer comes too late, and the code %s",
  async (how) => {
    const log = createFakeKafkaLog(Date.now);
    const topicId = log.createTopic("orders", 4);
    log.append({ topic: "orders", partition: 3 }, ["a", "b", "c", "d", "e", "f", "g", "h"]);
    const { record } = await subject.ledger.planRange(
      aRange(aChain({ topicId, pipeline: `hand-back-${how.length}` }), { fromOffset: 0n, untilOffset: 8n }),
    );
    await using lossy = await startLossyEndpoint(inject("aws.endpoint"));
    const calls = openSignedLedger(lossy.endpoint);
    const ledger = createRangeLedger(calls, {
      tableName: subject.tableName,
      newId: () => crypto.randomUUID(),
    });
    let faults: Faults | undefined;
    const endsAt = performance.now() + BUSY_MS + DEADLINE_MARGIN_MS;
    using invocation = openInvocation({
      awsRequestId: "request",
      getRemainingTimeInMillis: () => Math.max(Math.floor(endsAt - performance.now()), 0),
    });

    const outcome = await processRange(
      {
        ledger,
        reader: createFakeRangeReader(log),
        process: async (range) => {
          const { promise: isOver, reject } = Promise.withResolvers<never>();
          range.signal.addEventListener(
            "abort",
            () => void (how === "never returns" ? 0 : reject(range.signal.reason)),
          );
          // The first write of the hand-back is answered only after the client has given it up.
          const late = () => new Promise((resolve) => setTimeout(resolve, LEDGER_REQUEST_TIMEOUT_MS));
          faults = lossy.lose({ times: 1, how: "time-out", meanwhile: late });
          return isOver;
        },
        now: Date.now,
        random: () => 0.5,
      },
      processorRules(),
      { record },
      invocation,
    );

    expect(performance.now()).toBeLessThan(endsAt);
    expect(faults?.lost).toBe(1);
    expect(outcome).toMatchObject({ kind: "failed", record: { status: "FAILED", error: { name: "DeadlineError" } } });
    await expect(subject.ledger.newestRange(record.chain)).resolves.toMatchObject({ status: "FAILED" });
    calls.close();
  },
);
