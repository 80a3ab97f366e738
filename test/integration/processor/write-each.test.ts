// One Put per record, with keys that come again, on real engines: processors die before any
// of their writes, and in the end every item is what the last record of its key says.

import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { DynamoDBCalls } from "../../../shared/dynamodb/calls/dynamodb-calls.ts";
import { put, update } from "../../../shared/dynamodb/outputs/plain-outputs.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { processorRules } from "../../support/builders/builders.ts";
import { createFakeKafkaLog } from "../../support/kafka/fake-kafka-log.ts";
import { createFakeRangeReader } from "../../support/kafka/fake-range-reader.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest, type DynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { answerWith } from "../../support/ledger/ledger-faults.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import { createOutputTable, type OutputTable } from "../../support/ledger/output-tables.ts";
import { aChain, aRange } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

const MAX_INVOCATIONS = 60;
const KEYS = ["a", "b", "a", "c", "c", "d", "a", "e", "b", "b", "f", "a"];

describe.each(DYNAMODB_ENGINES)("on $name", ({ endpointKey }) => {
  let subject: DynamoDBLedgerUnderTest;
  let table: OutputTable;
  beforeAll(async () => {
    subject = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    table = await createOutputTable(subject.client, { hasSortKey: true });
  });
  afterAll(async () => {
    await table[Symbol.asyncDispose]();
    await subject[Symbol.asyncDispose]();
  });

  /** The item of each record's key: which of its attributes are the key, only the table knows. */
  const putEach: ProcessFunction<TransactWriteItem> = (range) =>
    range.writeEach(({ offset, value }) => put(table.tableName, { id: range.pipeline, part: String(value), offset }));

  /** A count of them as well. */
  const putAndCount: ProcessFunction<TransactWriteItem> = (range) =>
    range.writeEach(({ offset, value }) => [
      put(table.tableName, { id: range.pipeline, part: String(value), offset }),
      update(table.tableName, { id: range.pipeline, part: `count of ${String(value)}` }, { add: { count: 1 } }),
    ]);

  /** Runs to the end with processors of this client; `dies` says of each write whether its processor dies before it. */
  async function run(calls: DynamoDBCalls, dies: Dies, process = putAndCount) {
    let now = Date.now();
    const log = createFakeKafkaLog(() => now);
    log.createTopic("orders", 1);
    log.append({ topic: "orders", partition: 0 }, KEYS.slice(0, 5));
    log.append({ topic: "orders", partition: 0 }, KEYS.slice(5));
    const topicId = log.partition({ topic: "orders", partition: 0 })?.topicId ?? "";
    const chain = aChain({ topicId, partition: 0, pipeline: `each-${randomUUID()}` });
    await subject.ledger.planRange(aRange(chain, { fromOffset: 0n, untilOffset: BigInt(KEYS.length) }));
    let deaths = 0;
    const ledger = createRangeLedger(calls, { tableName: subject.tableName, newId: randomUUID });
    for (let invocation = 0; invocation < MAX_INVOCATIONS; invocation += 1) {
      const record = await subject.ledger.newestRange(chain);
      if (record === undefined || record.status === "COMPLETED") {
        break;
      }
      let isDead = false;
      let commits = 0;
      const mortal: RangeLedger<TransactWriteItem> = {
        ...ledger,
        changeRange: async (seen, event, outputs) => {
          const isCommit = event.kind === "commit" || event.kind === "complete";
          isDead ||= isCommit && dies({ invocation, commits });
          if (isDead) {
            throw new Error("the processor died");
          }
          const outcome = await ledger.changeRange(seen, event, outputs);
          commits += isCommit ? 1 : 0;
          return outcome;
        },
      };
      const never = new AbortController().signal;
      const died = await processAttempts(
        { ledger: mortal, reader: createFakeRangeReader(log), process, now: () => now, random: () => 0.5 },
        processorRules(),
        { record },
        { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
      ).catch(() => "died");
      deaths += died === "died" ? 1 : 0;
      // Beyond every lease and back-off.
      now += 600_000;
    }
    return { record: await subject.ledger.newestRange(chain), pipeline: chain.pipeline, deaths };
  }

  async function expectSequential(pipeline: string, hasCounts = true) {
    const items = (await table.rows()).filter(({ id }) => id === pipeline);
    const keys = [...new Set(KEYS)];
    const last = keys.map((part) => ({ id: pipeline, part, offset: KEYS.lastIndexOf(part) }));
    const counts = keys.map((part) => {
      return { id: pipeline, part: `count of ${part}`, count: KEYS.filter((key) => key === part).length };
    });
    const expected: readonly object[] = hasCounts ? [...last, ...counts] : last;
    expect(items.toSorted(byPart)).toEqual(expected.toSorted(byPart));
  }

  test.each([
    ["no processor dies", () => false, 0],
    ["each dies once it committed", ({ commits }) => commits > 0, 3],
    ["the first seven die before they wrote anything", ({ invocation }) => invocation < 7, 7],
  ] satisfies [string, Dies, number][])(
    "G5: %s: what took effect is what a sequence of single writes leaves",
    async (_, dies, deaths) => {
      const calls = openSignedLedger(inject(endpointKey));

      const ran = await run(calls, dies);

      calls.close();
      expect(ran.record).toMatchObject({ status: "COMPLETED", committedOffset: 12n, counts: { delivered: 12n } });
      expect(ran.deaths).toBeGreaterThanOrEqual(deaths);
      await expectSequential(ran.pipeline);
    },
  );

  test("where tables may not be described, what DynamoDB refuses is halved until it fits", async () => {
    const calls = openSignedLedger(inject(endpointKey));
    const denied = Object.assign(new Error("not allowed"), { name: "AccessDeniedException" });

    const ran = await run(
      answerWith(calls, "describeTable", () => denied),
      () => false,
      putEach,
    );

    calls.close();
    expect(ran.record).toMatchObject({ status: "COMPLETED", attempt: 1 });
    await expectSequential(ran.pipeline, false);
  });

  test("a table's keys are asked for once, and no transaction is sent in vain after that", async () => {
    const calls = openSignedLedger(inject(endpointKey));
    const sent = { describeTable: 0, transactWriteItems: 0 };
    const count = (call: keyof typeof sent) => () => {
      sent[call] += 1;
      return undefined;
    };
    const counted = answerWith(calls, "describeTable", count("describeTable"));

    const ran = await run(answerWith(counted, "transactWriteItems", count("transactWriteItems")), () => false, putEach);

    calls.close();
    expect(ran.record).toMatchObject({ status: "COMPLETED" });
    expect(sent.describeTable).toBe(1);
    // Cut before each key that comes again, and one that was refused.
    expect(sent.transactWriteItems).toBe(commitsOf(KEYS) + 1);
  });
});

/** Asked before each commit: of which invocation it is, from 0, and how many commits of it took effect. */
type Dies = (write: { readonly invocation: number; readonly commits: number }) => boolean;

/** How many transactions take these keys, each at most once. */
function commitsOf(keys: readonly string[]): number {
  let commits = 1;
  let inside = new Set<string>();
  for (const key of keys) {
    if (inside.has(key)) {
      commits += 1;
      inside = new Set();
    }
    inside.add(key);
  }
  return commits;
}

function byPart(a: object, b: object): number {
  return partOf(a) < partOf(b) ? -1 : 1;
}

function partOf(item: object): string {
  return "part" in item ? String(item.part) : "";
}
