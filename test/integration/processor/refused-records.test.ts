// Records whose outputs DynamoDB refuses, on real engines: given up one by one by a
// pipeline that quarantines, while every other takes effect once.

import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { ProcessOutcome } from "../../../functions/processor/attempt/processor-deps.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { processorRules } from "../../support/builders/builders.ts";
import { createFakeKafkaLog } from "../../support/kafka/fake-kafka-log.ts";
import { createFakeRangeReader } from "../../support/kafka/fake-range-reader.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { createOutputTable, type OutputTable } from "../../support/ledger/output-tables.ts";
import { aChain, aRange } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import { createRecordingDeadLetters } from "../../support/pipeline/recording-dead-letters.ts";

const MAX_INVOCATIONS = 40;
const LONG = "x".repeat(2_049);
const LARGE = `large${"x".repeat(410_000)}`;

describe.each(DYNAMODB_ENGINES)("on $name", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  let table: OutputTable;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    table = await createOutputTable(subject.client);
  });
  afterAll(async () => {
    await table[Symbol.asyncDispose]();
    await subject[Symbol.asyncDispose]();
  });

  /** One item for each record, whose key is the record's value, or its first word where it is large. */
  const putEach =
    (tableName: string): ProcessFunction<TransactWriteItem> =>
    async (range) => {
      const outputs: TransactWriteItem[] = [];
      for await (const { value } of range.records()) {
        const words = String(value);
        const id = words.startsWith("large") ? "large" : words;
        outputs.push({ Put: { TableName: tableName, Item: { id: { S: id }, words: { S: words } } } });
      }
      return outputs;
    };

  async function run(values: readonly string[], tableName = table.tableName) {
    let now = Date.now();
    const log = createFakeKafkaLog(() => now);
    const topicId = log.createTopic("orders", 1);
    log.append({ topic: "orders", partition: 0 }, values);
    const chain = aChain({ topicId, partition: 0, pipeline: `refused-${randomUUID()}` });
    await subject.ledger.planRange(aRange(chain, { fromOffset: 0n, untilOffset: BigInt(values.length) }));
    const deadLetters = createRecordingDeadLetters();
    const outcomes: ProcessOutcome["kind"][] = [];
    for (let invocation = 0; invocation < MAX_INVOCATIONS; invocation += 1) {
      const record = await subject.ledger.newestRange(chain);
      if (record === undefined || record.status === "COMPLETED" || outcomes.at(-1) === "halted") {
        break;
      }
      now += 400_000;
      const never = new AbortController().signal;
      const made = await processAttempts(
        {
          ledger: subject.ledger,
          reader: createFakeRangeReader(log),
          process: putEach(tableName),
          deadLetters,
          now: () => now,
          random: () => 0.5,
        },
        processorRules({ onFailure: "quarantine", maxOutageAttempts: 2 }),
        { record },
        { owner: `p-${invocation}`, remainingMs: 60_000, deadline: never, lastCall: never },
      );
      outcomes.push(...made.map(({ kind }) => kind));
    }
    return { outcomes, deadLetters, newest: await subject.ledger.newestRange(chain) };
  }

  test("JF1, OU1: a key that is too long, an empty one and an item too large are found and given up, the rest is written", async () => {
    const good: readonly string[] = Array.from({ length: 12 }, () => randomUUID());
    const values = [...good.slice(0, 3), LONG, ...good.slice(3, 8), "", LARGE, ...good.slice(8)];

    const { outcomes, deadLetters, newest } = await run(values);

    expect(outcomes.at(-1)).toBe("completed");
    expect(newest?.status).toBe("COMPLETED");
    expect(deadLetters.letters.map(({ offset, error }) => [offset, error.name])).toEqual([
      [3n, "InvalidOutputError"],
      [9n, "InvalidOutputError"],
      [10n, "InvalidOutputError"],
    ]);
    expect(deadLetters.letters[1]?.error.message).toMatch(/^outputs\[0\] of 1, Put to table .* id is empty/);
    const written = await table.items();
    expect(written.filter((id) => good.includes(id))).toEqual(good.toSorted());
  });

  test("JF4, OU1: records that write one item are taken apart, and none is given up", async () => {
    const [twice, once] = [randomUUID(), randomUUID()];

    const { outcomes, deadLetters } = await run([twice, once, twice]);

    expect(outcomes.at(-1)).toBe("completed");
    expect(deadLetters.letters).toEqual([]);
    await expect(table.items()).resolves.toEqual(expect.arrayContaining([twice, once]));
  });

  test("JF2, OU2: a table that is missing costs no record its place", async () => {
    const { outcomes, deadLetters, newest } = await run(["a", "b", "c"], `no-such-${randomUUID()}`);

    expect(outcomes).toEqual(["failed", "halted"]);
    expect(deadLetters.letters).toEqual([]);
    expect(newest?.narrowed).toBeUndefined();
    expect(newest?.error?.message).toMatch(/^table no-such-.* does not exist/);
  });
});
