import { expect, test } from "vitest";
import { aProcessorBench } from "../../../../support/pipeline/processor-bench.ts";
import { createPositionedStore, createPreparingStore } from "../../../../support/pipeline/stores.ts";

test.each([
  ["keeps positions", createPositionedStore],
  ["prepares", createPreparingStore],
])(
  "OPN1: a store that %s is written nothing by an attempt whose lease ended while it was opened",
  async (_, create) => {
    const bench = aProcessorBench();
    const store = create();
    const output: typeof store = {
      ...store,
      open: async (range) => {
        const open = await store.open(range);
        // By the clock of somebody who is far ahead; an operator gives the range up then.
        await bench.ledger.changeRange(bench.range(), {
          kind: "expire",
          now: bench.clock.now() + 3_600_000,
          mayRetry: false,
        });
        return open;
      },
    };

    const outcome = await bench.attempt((range) => range.writeEach(({ value }) => String(value)), { deps: { output } });

    expect(outcome).toMatchObject({ kind: "superseded" });
    expect(store.visible).toEqual([]);
  },
);
