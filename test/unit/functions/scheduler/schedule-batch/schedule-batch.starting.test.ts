// Every way to say where a pipeline starts, as the first run and later ones keep it.

import { describe, expect, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { START } from "../../../../support/fake-clock.ts";
import { createSchedulerBench, type SchedulerBench } from "../../../../support/pipeline/scheduler-bench.ts";

const orders = (partition: number) => ({ topic: "orders", partition });

/** Two partitions of five records each, of which the first two are gone. */
function aBench(): SchedulerBench {
  const bench = createSchedulerBench(2);
  bench.produceToEach(5);
  bench.log.deleteBelow(orders(0), 2n);
  bench.log.deleteBelow(orders(1), 2n);
  return bench;
}

function offsets(first: bigint, second: bigint): ReadonlyMap<string, bigint> {
  return new Map([
    ["orders-0", first],
    ["orders-1", second],
  ]);
}

async function refusalOf(bench: SchedulerBench, rules: Parameters<SchedulerBench["tick"]>[0]): Promise<string> {
  const error = await bench.tick(rules).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(bench.ledger.writes, "what was written").toBe(0);
  expect(bench.dispatcher.accepted).toEqual([]);
  return (error as Error).message;
}

describe("by offsets", () => {
  test("each partition starts at its own, and -2 and -1 are its log's beginning and end", async () => {
    const [numbers, words] = [aBench(), aBench()];

    await numbers.tick({ startingOffsets: offsets(3n, 5n) });
    await words.tick({ startingOffsets: offsets(-2n, -1n) });

    expect(numbers.chains()).toEqual(["0: PLANNED [3, 5)", "1: ANCHOR [5, 5)"]);
    expect(words.chains()).toEqual(["0: PLANNED [2, 5)", "1: ANCHOR [5, 5)"]);
  });

  test("beyond the end and below the beginning are refused at once, each with both numbers", async () => {
    expect(await refusalOf(aBench(), { startingOffsets: offsets(6n, 1n) })).toBe(
      "the pipeline was not started: the starting offset 6 of orders-0 is beyond its log's end 5; " +
        "the starting offset 1 of orders-1 is below its log's first offset 2: those records are gone",
    );
  });

  test("every partition is named, no more and no less, and what is wrong besides is told as well", async () => {
    const startingOffsets = new Map([
      ["orders-0", 9n],
      ["orders-7", 3n],
    ]);

    const refusal = await refusalOf(aBench(), { startingOffsets });

    expect(refusal).toContain("starting offsets do not name orders-1; use -2 for earliest, -1 for latest");
    expect(refusal).toContain("starting offsets name orders-7, which the source does not have");
    expect(refusal).toContain("the starting offset 9 of orders-0 is beyond its log's end 5");
  });

  test("an assigned partition that is missing is not one that may be named", async () => {
    const selection = { assign: [orders(0), orders(5)] };
    const startingOffsets = new Map([
      ["orders-0", 3n],
      ["orders-5", 0n],
    ]);

    expect(await refusalOf(aBench(), { selection, startingOffsets })).toContain("name orders-5");
  });

  test("are resolved once: neither another log nor another configuration moves a start", async () => {
    const bench = aBench();
    const planRange = () => Promise.reject(new RangeReadError("the ledger is slow"));
    await bench.tick({ startingOffsets: offsets(-2n, -1n) }, { ledger: { ...bench.ledger, planRange } });
    bench.produceToEach(4);
    bench.log.deleteBelow(orders(0), 4n);

    await bench.tick({ startingOffsets: "latest" });

    // The first two records of [2, 9) are gone: that is for the reader to find, not to be skipped here.
    expect(bench.chains()).toEqual(["0: PLANNED [2, 9)", "1: PLANNED [5, 9)"]);
  });

  test("a partition that could not be asked starts where it is told to in a later run", async () => {
    const bench = aBench();
    bench.source.failListing(orders(1), new RangeReadError("leader is away"));
    const first = await bench.tick({ startingOffsets: offsets(3n, 4n) });
    bench.source.failListing(orders(1), undefined);

    await bench.tick({ startingOffsets: offsets(3n, 4n) });

    expect(first.partitions).toMatchObject([
      { kind: "planned" },
      { kind: "held", reason: expect.stringContaining("away") },
    ]);
    expect(bench.chains()).toEqual(["0: PLANNED [3, 5)", "1: PLANNED [4, 5)"]);
  });

  test.each([
    ["cannot be kept", offsets(3n, 9n), "the starting offset 9 of orders-1 is beyond its log's end 5"],
    ["is not given any more", new Map([["orders-0", 3n]]), "the starting offsets do not name orders-1"],
  ])("a start that %s in a later run holds only its partition", async (_, startingOffsets, reason) => {
    const bench = aBench();
    bench.source.failListing(orders(1), new RangeReadError("leader is away"));
    await bench.tick({ startingOffsets: offsets(3n, 9n) });
    bench.source.failListing(orders(1), undefined);
    bench.completeAll();
    bench.produce(0, 1);

    const { partitions } = await bench.tick({ startingOffsets });

    expect(partitions).toMatchObject([{ kind: "planned" }, { kind: "held", reason }]);
  });

  test("a topic found later starts at its log's beginning, named or not", async () => {
    const bench = aBench();
    await bench.tick({ startingOffsets: offsets(3n, 4n) });
    bench.log.createTopic("payments", 1);
    bench.log.append({ topic: "payments", partition: 0 }, ["first", "second"]);

    await bench.tick({
      startingOffsets: new Map([...offsets(3n, 4n), ["payments-0", 1n]]),
      selection: { topics: ["orders", "payments"] },
    });

    expect(bench.chains().at(-1)).toBe("0: PLANNED [0, 2)");
  });

  test("G8: cost a read and a write of the pipeline's record beside the ranges, once", async () => {
    const bench = aBench();

    await bench.tick({ startingOffsets: offsets(3n, 5n) });
    const { writes } = bench.ledger;
    bench.completeAll();
    await bench.tick({ startingOffsets: offsets(3n, 5n) });

    // Frozen, planned and anchored, started.
    expect(writes).toBe(4);
    expect(bench.ledger.writes).toBe(writes);
  });
});

describe("by timestamp", () => {
  /** Each partition has records 0 to 4 of START, and of START + 60 seconds a sixth one. */
  function aTimedBench(): SchedulerBench {
    const bench = aBench();
    bench.clock.advance(60_000);
    bench.produce(0, 1);
    bench.clock.advance(60_000);
    return bench;
  }

  const at = (timestamps: bigint | ReadonlyMap<string, bigint>, onNoMatch: "error" | "latest" = "error") => ({
    startingOffsets: offsets(2n, 2n),
    startingTimestamps: { timestamps, onNoMatch },
  });

  test("goes before the offsets, and starts at the first record that is not older", async () => {
    const bench = aTimedBench();

    await bench.tick(at(offsets(BigInt(START) + 1n, BigInt(START))));

    expect(bench.chains()).toEqual(["0: PLANNED [5, 6)", "1: PLANNED [2, 5)"]);
  });

  test("asks once for each timestamp, after the ends", async () => {
    const bench = aTimedBench();

    await bench.tick(at(BigInt(START)));

    const asked = bench.source.listings.map(({ spec }) => spec);
    expect(asked).toEqual(["latest", "earliest", { timestamp: BigInt(START) }]);
    expect(bench.source.listings[2]?.partitions).toEqual(["orders-0", "orders-1"]);
  });

  test("without a match is refused, naming each partition and its timestamp", async () => {
    const refusal = await refusalOf(aTimedBench(), at(BigInt(START) + 1n));

    expect(refusal).toContain(`no offset matched the starting timestamps of orders-1 (${START + 1})`);
    expect(refusal).not.toContain("orders-0");
  });

  test("without a match starts at the log's end, where the pipeline says so", async () => {
    const bench = aTimedBench();

    await bench.tick(at(BigInt(START) + 1n, "latest"));

    expect(bench.chains()).toEqual(["0: PLANNED [5, 6)", "1: ANCHOR [5, 5)"]);
  });

  test("by partition names every partition, no more and no less", async () => {
    const timestamps = new Map([
      ["orders-0", 0n],
      ["orders-2", 0n],
    ]);

    const refusal = await refusalOf(aTimedBench(), at(timestamps));

    expect(refusal).toContain("starting timestamps do not name orders-1");
    expect(refusal).toContain("starting timestamps name orders-2, which the source does not have");
  });

  test("that could not be asked for is asked for again, and only for its partition", async () => {
    const bench = aTimedBench();
    bench.source.failListing(orders(1), new RangeReadError("leader is away"));
    await bench.tick(at(BigInt(START)));
    bench.source.failListing(orders(1), undefined);

    await bench.tick(at(BigInt(START)));

    expect(bench.chains()).toEqual(["0: PLANNED [2, 6)", "1: PLANNED [2, 5)"]);
    expect(bench.source.listings.at(-1)?.partitions).toEqual(["orders-1"]);
  });

  test("that matches a record above the end that was listed before it starts there all the same", async () => {
    const bench = aTimedBench();
    const listOffsets: typeof bench.source.listOffsets = async (partitions, spec, isolationLevel) => {
      if (typeof spec === "object") {
        bench.produce(1, 1);
      }
      return bench.source.listOffsets(partitions, spec, isolationLevel);
    };

    await bench.tick(at(BigInt(START) + 60_000n), { source: { ...bench.source, listOffsets } });

    expect(bench.chains()).toEqual(["0: PLANNED [5, 6)", "1: ANCHOR [5, 5)"]);
  });
});
