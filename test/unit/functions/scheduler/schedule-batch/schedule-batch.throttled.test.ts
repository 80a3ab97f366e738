import { expect, test } from "vitest";
import type { RangeDispatch } from "../../../../../shared/core/ledger/range-dispatcher.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const INTERVAL_MS = 60_000;
const RUNS_IN_SIX_HOURS = 360;
const PARTITIONS = 3;

/** Lambda's queue of asynchronous events while the function is throttled: it keeps each until it is too old. */
function throttledQueue(bench: SchedulerBench, maxEventAgeMs: number) {
  const events: { readonly at: number; readonly dispatch: RangeDispatch }[] = [];
  return {
    dispatcher: {
      dispatch: async (dispatch: RangeDispatch) => void events.push({ at: bench.clock.now(), dispatch }),
    },
    waiting: () => events.filter(({ at }) => bench.clock.now() - at < maxEventAgeMs).map(({ dispatch }) => dispatch),
    accepted: () => events.length,
  };
}

test.each([
  { dispatchTimeoutMs: 120_000, maxEventAgeMs: 120_000, most: 1 },
  { dispatchTimeoutMs: 600_000, maxEventAgeMs: 600_000, most: 1 },
  // Lambda keeps an event for a minute at least.
  { dispatchTimeoutMs: 30_000, maxEventAgeMs: 60_000, most: 1 },
])(
  "FT4: a range has $most event waiting, for however long Lambda is throttled ($dispatchTimeoutMs ms)",
  async (one) => {
    const bench = createSchedulerBench(PARTITIONS);
    bench.produceToEach(5);
    const queue = throttledQueue(bench, one.maxEventAgeMs);

    const waiting: number[] = [];
    for (let run = 0; run < RUNS_IN_SIX_HOURS; run += 1) {
      await bench.tick({ dispatchTimeoutMs: one.dispatchTimeoutMs }, { dispatcher: queue.dispatcher });
      waiting.push(queue.waiting().length);
      bench.clock.advance(INTERVAL_MS);
    }

    expect(Math.max(...waiting)).toBe(one.most * PARTITIONS);
    expect(queue.accepted()).toBeGreaterThan(PARTITIONS * 30);
  },
);

test("G3: of the events of one range that do wait, one is claimed and the others are told so", async () => {
  const bench = createSchedulerBench(1);
  bench.produceToEach(5);
  const queue = throttledQueue(bench, 300_000);
  for (let run = 0; run < 3; run += 1) {
    await bench.tick({}, { dispatcher: queue.dispatcher });
    bench.clock.advance(INTERVAL_MS);
  }

  const outcomes: string[] = [];
  for (const [index, { record }] of queue.waiting().entries()) {
    const claim = { kind: "claim", owner: `processor-${index}`, now: bench.clock.now(), leaseMs: 60_000 } as const;
    outcomes.push((await bench.ledger.changeRange(record, claim)).kind);
  }

  expect(outcomes).toEqual(["changed", "refused", "refused"]);
});
