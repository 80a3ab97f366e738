import { describe, expect, test, vi } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

describe("FP1: a topic that is re-created while its offsets are listed", () => {
  /** The bench's source, with what happens once these are listed. */
  function listing(bench: SchedulerBench, spec: "earliest" | "latest", afterwards: () => void) {
    const listOffsets: typeof bench.source.listOffsets = async (...question) => {
      if (question[1] === spec && question[0].length > 0) {
        afterwards();
      }
      return bench.source.listOffsets(...question);
    };
    return { source: { ...bench.source, listOffsets } };
  }

  function recreate(bench: SchedulerBench, records: number): void {
    bench.log.deleteTopic("orders");
    bench.log.createTopic("orders", 1);
    bench.produce(0, records);
  }

  test("starts no pipeline; the next run does, where it is told to", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const late = listing(bench, "earliest", () => recreate(bench, 7));

    await expect(bench.tick({ startingOffsets: "latest" }, late)).rejects.toThrow(RangeReadError);
    await bench.tick({ startingOffsets: "latest" });

    expect(bench.chains()).toEqual(["0: ANCHOR [7, 7)"]);
  });

  test("begins no chain of a topic that is found later; the next run does", async () => {
    const bench = createSchedulerBench(1);
    await bench.tick();
    bench.log.createTopic("bills", 1);
    const both = { selection: { topics: ["orders", "bills"] } };
    const late = listing(bench, "earliest", () => {
      bench.log.deleteTopic("bills");
      bench.log.createTopic("bills", 1);
    });

    const { partitions } = await bench.tick(both, late);

    expect(partitions.find(({ topic }) => topic === "bills")).toMatchObject({
      kind: "held",
      reason: expect.stringMatching(/^topic bills was deleted or re-created, .* the next run decides$/),
    });
    expect((await bench.tick(both)).partitions.find(({ topic }) => topic === "bills")).toMatchObject({
      kind: "anchored",
    });
  });

  test("plans nothing of the old log up to the new one's end, and loses nothing that it never had", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    await bench.tick();
    bench.completeAll();
    const late = listing(bench, "latest", () => recreate(bench, 9));

    const { partitions } = await bench.tick({ onTopicRecreated: "restart" }, late);
    await bench.tick({ onTopicRecreated: "restart" });

    expect(partitions).toMatchObject([
      { kind: "held", reason: expect.stringContaining("since its offsets were listed") },
    ]);
    expect(bench.chains()).toEqual(["0: COMPLETED [0, 3)", "0: PLANNED [0, 9)"]);
  });

  test("records no loss of the old log by where the new one begins", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 3);
    const skip = { onDataLoss: "skip" } as const;
    await bench.tick(skip);
    const [planned] = bench.ledger.all();
    const error = { name: "DataLossError", message: "gone" };
    const event = { at: 3n, first: "LOST", error, now: bench.clock.now(), retentionMs: 86_400_000 } as const;
    await bench.ledger.splitRange(planned ?? expect.unreachable(), event);
    const late = listing(bench, "earliest", () => {
      recreate(bench, 9);
      bench.log.deleteBelow({ topic: "orders", partition: 0 }, 8n);
    });

    const { partitions } = await bench.tick(skip, late);

    expect(partitions).toMatchObject([{ kind: "held" }]);
    expect(bench.chains()).toEqual(["0: LOST [0, 3)"]);
  });
});

test("G8: no id is asked for again while there is nothing to plan", async () => {
  const bench = createSchedulerBench(2);
  bench.produceToEach(3);
  await bench.tick();
  const describeTopics = vi.fn<typeof bench.source.describe>((selection) => bench.source.describe(selection));
  const counting = { source: { ...bench.source, describe: describeTopics } };

  await bench.tick({}, counting);
  bench.completeAll();
  await bench.tick({}, counting);

  expect(describeTopics).toHaveBeenCalledTimes(2);
});
