import { expect, test } from "vitest";
import { chooseHalted, findHalted } from "../../../../../functions/cli/view/find-halted.ts";
import { beginReprocess, driveReprocessRequests } from "../../../../../functions/scheduler/reprocess/reprocess.ts";
import type { PipelineRecord } from "../../../../../shared/core/ledger/pipeline-record.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aChain, aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { aReprocessPayload } from "../../../../support/builders/reprocess-builders.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const OLD_ID = "0b0d6d40-6f25-4a3b-8c55-00000000000f";
const pipeline: PipelineRecord = {
  pipeline: "word-count",
  revision: 1,
  startedAt: 1,
  topics: [
    { topicId: OLD_ID, topic: "orders", partitions: [0], endedAt: 2 },
    { topicId: ORDERS_ID, topic: "orders", partitions: [0, 1, 2, 3] },
  ],
};

function haltedBy(name: string, overrides: Partial<RangeRecord> = {}): RangeRecord {
  return aHaltedRecord({ error: { name, message: "boom" }, ...overrides });
}

test("every halted range of a live chain is found, side by side in a group too, and nothing else", async () => {
  const ledger = createInMemoryRangeLedger<never>();
  const chain = aChain({ partition: 1 });
  const grouped = { chain, partition: 1, groupFrom: 5n };
  const first = aHaltedRecord({ ...grouped, fromOffset: 5n, untilOffset: 9n });
  const third = aHaltedRecord({ ...grouped, fromOffset: 12n, untilOffset: 15n });
  for (const record of [
    aRangeRecord({ partition: 0, status: "FAILED" }),
    first,
    aRangeRecord({ ...grouped, fromOffset: 9n, untilOffset: 12n, status: "COMPLETED" }),
    third,
    aRangeRecord({ partition: 2, status: "RUNNING" }),
  ]) {
    ledger.put(record);
  }

  expect(await findHalted(ledger, pipeline, { requestId: undefined, now: 1 })).toEqual([first, third]);
});

test("a chain of a topic that is ended is left alone", async () => {
  const ledger = createInMemoryRangeLedger<never>();
  ledger.put(aHaltedRecord({ partition: 0, chain: aChain({ topicId: OLD_ID, partition: 0 }) }));

  expect(await findHalted(ledger, pipeline, { requestId: undefined, now: 1 })).toEqual([]);
});

/** Two requests, of each of which one range is halted, and a halted live range of orders-0. */
async function aBench(): Promise<SchedulerBench> {
  const bench = createSchedulerBench();
  bench.produceToEach(10);
  await bench.tick();
  for (const [partition, requestId] of ["again-1", "again-2"].entries()) {
    const range = { topic: "orders", partition, fromOffset: 0n, untilOffset: 10n };
    await beginReprocess(bench.deps, bench.rules, aReprocessPayload(requestId, [range]));
  }
  await driveReprocessRequests(bench.deps, bench.rules);
  for (const { chain, partition, fromOffset, untilOffset } of bench.ledger.all()) {
    if (chain.requestId !== undefined || partition === 0) {
      bench.ledger.put(aHaltedRecord({ chain, partition, fromOffset, untilOffset }));
    }
  }
  return bench;
}

async function foundOf({ ledger }: SchedulerBench, requestId?: string, change?: Partial<PipelineRecord>) {
  const record = await ledger.readPipeline("word-count");
  const found = await findHalted(ledger, { ...pipeline, ...record, ...change }, { requestId, now: 1 });
  return found.map(({ chain }) => chain.requestId ?? "live");
}

test("without a request's id the live chains and all open requests are meant, with it that request alone", async () => {
  const bench = await aBench();

  expect(await foundOf(bench)).toEqual(["live", "again-1", "again-2"]);
  expect(await foundOf(bench, "again-2")).toEqual(["again-2"]);
  await expect(foundOf(bench, "again-9")).rejects.toThrow('request "again-9" of word-count is not in this ledger');
});

test("a request that is cancelled, and a topic of a request that is ended, are left alone", async () => {
  const bench = await aBench();
  const cancelled = { by: "ann", reason: "wrong topic", at: 1 };
  await bench.ledger.changeReprocess("word-count", "again-1", (present) => ({ ...present, cancelled }));
  const topics = [{ topicId: bench.topicId, topic: "orders", partitions: [0, 1, 2], endedAt: 1 }];

  expect(await foundOf(bench)).toEqual(["live", "again-2"]);
  expect(await foundOf(bench, "again-1")).toEqual([]);
  expect(await foundOf(bench, undefined, { topics })).toEqual([]);
});

const orders = haltedBy("RangeReadError");
const ordersByCode = haltedBy("TypeError");
const payments = haltedBy("RangeReadError", { topic: "payments" });
const { error: _lost, ...unknown } = aHaltedRecord();

test.each<[string, readonly string[], readonly string[], readonly RangeRecord[]]>([
  ["nothing named", [], [], [orders, ordersByCode, payments, unknown]],
  ["a topic", ["orders"], [], [orders, ordersByCode, unknown]],
  ["an error", [], ["RangeReadError"], [orders, payments]],
  ["a topic and an error", ["payments"], ["RangeReadError"], [payments]],
  ["several of both", ["payments", "orders"], ["TypeError", "RangeReadError"], [orders, ordersByCode, payments]],
  ["a part of an error's name", [], ["Range"], []],
])("of the halted ranges %s chooses those that are of it", (_, topics, errors, chosen) => {
  expect(chooseHalted([orders, ordersByCode, payments, unknown], { topics, errors })).toEqual(chosen);
});
