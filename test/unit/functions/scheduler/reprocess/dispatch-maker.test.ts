import { expect, test } from "vitest";
import { createDispatchMaker } from "../../../../../functions/scheduler/reprocess/dispatch-maker.ts";
import type { Routing } from "../../../../../shared/core/plan/route-ranges.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";
import { createSchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const byRack: Routing = { byPartition: new Map(), byRack: new Map([["a", { name: "a", timeoutMs: 1_000 }]]) };
const byName: Routing = { byPartition: new Map([["orders:0", { name: "a", timeoutMs: 1_000 }]]), byRack: new Map() };
const record = aRangeRecord({ topic: "orders", partition: 0 });

function aMaker(routing?: Routing) {
  const bench = createSchedulerBench();
  let asked = 0;
  const source = {
    ...bench.source,
    describe: (...args: Parameters<typeof bench.source.describe>) => {
      asked += 1;
      return bench.source.describe(...args);
    },
  };
  const rules = routing === undefined ? {} : { routing };
  return { bench, dispatchOf: createDispatchMaker({ source }, rules, [record]), asked: () => asked };
}

test("the leaders are asked for once where ranges are routed by them", async () => {
  const { dispatchOf, asked } = aMaker(byRack);

  const dispatches = await Promise.all([dispatchOf(record), dispatchOf(record)]);

  expect(dispatches).toEqual([1, 2].map(() => ({ record, leader: expect.objectContaining({ leaderEpoch: 0 }) })));
  expect(asked()).toBe(1);
});

test.each([undefined, byName])("nobody is asked where leaders do not matter", async (routing) => {
  const { dispatchOf, asked } = aMaker(routing);

  expect(await dispatchOf(record)).toEqual({ record });
  expect(asked()).toBe(0);
});

test("a Kafka that does not answer, and a partition that is gone, leave the leader unknown", async () => {
  const { bench, dispatchOf } = aMaker(byRack);
  const gone = aRangeRecord({ topic: "orders", partition: 99 });
  bench.source.setReachable(false);

  expect(await dispatchOf(record)).toEqual({ record });
  expect(await aMaker(byRack).dispatchOf(gone)).toEqual({ record: gone });
});
