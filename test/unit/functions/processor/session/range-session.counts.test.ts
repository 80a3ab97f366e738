import { describe, expect, test } from "vitest";
import type { RangeCounts } from "../../../../../shared/core/range/range-record.ts";
import { createProcessorBench, ORDERS_0, takeAll } from "../../../../support/pipeline/processor-bench.ts";

function offsetsCounted({ delivered, aborted, control }: RangeCounts): bigint {
  return delivered + aborted + control;
}

describe("DV1: counts", () => {
  /** Offsets: 0-2 records, 3-4 aborted, 5 marker, 6 compacted, 7-9 records. */
  function aMixedBench() {
    const bench = createProcessorBench();
    bench.log.append(ORDERS_0, ["a", "b", "c"]);
    const transaction = bench.log.appendInTransaction(ORDERS_0, ["x", "y"]);
    bench.log.endTransaction(ORDERS_0, transaction, "aborted");
    bench.log.append(ORDERS_0, ["gone", "d", "e", "f"]);
    bench.log.compact(ORDERS_0, [6n]);
    bench.plan(0n, 10n);
    return bench;
  }

  test("account for every offset of a range that was read in one attempt", async () => {
    const bench = aMixedBench();

    await bench.attempt(takeAll);

    expect(bench.range().counts).toMatchObject({ delivered: 6n, aborted: 2n, control: 1n });
  });

  test("show aborted records as delivered under read_uncommitted", async () => {
    const bench = aMixedBench();

    await bench.attempt(takeAll, { isolationLevel: "read_uncommitted" });

    expect(bench.ledger.outputs).toEqual(["a", "b", "c", "x", "y", "d", "e", "f"]);
    expect(bench.range().counts).toMatchObject({ delivered: 8n, aborted: 0n, control: 1n });
  });

  test.each([
    ["exactly", 1n, 0n],
    ["exactly", 2n, 0n],
    ["exactly", 3n, 0n],
    ["less what was invisible below the commit", 4n, 1n],
    ["less what was invisible below the commit", 5n, 2n],
    ["less what was invisible below the commit", 6n, 3n],
    ["exactly", 7n, 0n],
    ["exactly", 8n, 0n],
    ["exactly", 9n, 0n],
  ])("add up %s over a commit at %d, a crash right after it, and a second attempt", async (_, offset, missing) => {
    const bench = aMixedBench();
    await bench.attempt(async (range) => {
      for await (const record of range.records()) {
        if (record.offset + 1n >= offset) {
          await range.commit(offset <= record.offset ? offset : record.offset + 1n, []);
          throw new Error("crash");
        }
      }
      return undefined;
    });
    const { committedOffset, counts } = bench.range();
    bench.clock.advance(1_000);

    await bench.attempt(takeAll);

    expect(committedOffset).toBe(offset);
    expect(offsetsCounted(counts)).toBeLessThanOrEqual(committedOffset);
    expect(bench.range().counts.delivered).toBe(6n);
    expect(offsetsCounted(bench.range().counts)).toBe(9n - missing);
  });

  test("never exceed the offsets they are of when a commit lies in a batch left behind", async () => {
    const bench = aMixedBench();

    await bench.attempt(async (range) => {
      for await (const { untilOffset } of range.batches()) {
        await (untilOffset === 10n ? range.commit(2n, []) : undefined);
      }
      throw new Error("crash");
    });

    const { committedOffset, counts } = bench.range();
    expect(committedOffset).toBe(2n);
    expect(offsetsCounted(counts)).toBeLessThanOrEqual(2n);
  });

  test("never go back when a commit follows another into a batch left behind", async () => {
    const bench = createProcessorBench();
    const transaction = bench.log.appendInTransaction(ORDERS_0, ["x", "y"]);
    bench.log.endTransaction(ORDERS_0, transaction, "aborted");
    bench.log.append(ORDERS_0, ["a", "b"]);
    bench.log.append(ORDERS_0, ["c", "d"]);
    bench.plan(0n, 7n);
    const seen: bigint[] = [];

    await bench.attempt(async (range) => {
      for await (const { untilOffset } of range.batches()) {
        await range.commit(untilOffset === 5n ? 3n : 4n, []);
        seen.push(offsetsCounted(bench.range().counts));
      }
      return undefined;
    });

    expect(seen).toEqual([3n, 3n]);
    expect(bench.range().counts).toMatchObject({ delivered: 4n, aborted: 2n, control: 1n });
  });

  test("never go back from one commit to the next", async () => {
    const bench = aMixedBench();
    const seen: RangeCounts[] = [];

    await bench.attempt(async (range) => {
      for await (const { offset } of range.records()) {
        await range.commit(offset + 1n, []);
        seen.push(bench.range().counts);
      }
      return undefined;
    });

    const offsets = seen.map(offsetsCounted);
    expect(offsets).toEqual([1n, 2n, 3n, 7n, 8n, 9n]);
  });
});
