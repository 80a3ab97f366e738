import { describe, expect, test } from "vitest";
import { MAX_KEPT_PAGE_BYTES, PAGE_BYTES } from "../../../../../../shared/archive/format/limits.ts";
import { PageMemory, pageMemory } from "../../../../../../shared/archive/parquet/chunks/page-memory.ts";
import { parquet } from "../../../../../../shared/archive/parquet/parquet-format.ts";
import { aPlace } from "../../../../../support/archive/object-of.ts";

const times = <T>(count: number, make: () => T): readonly T[] => Array.from({ length: count }, make);

describe("the memory of pages", () => {
  test("has a power of two of bytes up to a page, and what a larger value needs", () => {
    const memory = new PageMemory(PAGE_BYTES);

    const sizes = [1, 1_024, 1_025, 524_289, PAGE_BYTES, PAGE_BYTES + 1].map(
      (bytes) => memory.take(bytes).bytes.length,
    );

    expect(sizes).toEqual([1_024, 1_024, 2_048, PAGE_BYTES, PAGE_BYTES, PAGE_BYTES + 1]);
  });

  test("is used again, by one at a time, and bounded while nobody has it", () => {
    const memory = new PageMemory(3 * 2_048);
    const first = times(5, () => memory.take(2_000));
    for (const taken of first) {
      memory.giveBack(taken);
    }

    const second = times(5, () => memory.take(2_000));

    expect(new Set([...first, ...second]).size).toBe(5 + 2);
    expect(new Set(second).size).toBe(5);
  });

  test("is not kept of a value larger than a page", () => {
    const memory = new PageMemory(8 * PAGE_BYTES);
    const large = memory.take(PAGE_BYTES + 1);
    memory.giveBack(large);

    expect(memory.take(PAGE_BYTES + 1) === large).toBe(false);
  });

  test("is given back by an object that is still open, once its row group is written", async () => {
    const takeAll = () => times(MAX_KEPT_PAGE_BYTES / PAGE_BYTES, () => pageMemory.take(PAGE_BYTES));
    takeAll();
    const encoder = parquet({ rowGroupBytes: 1_048_576, compression: "none" }).open(() => undefined, aPlace);
    const value = Buffer.alloc(600_000, "of the first");
    await encoder.add({ value });
    await encoder.add({ value });

    const next = takeAll();

    expect(encoder.bufferedBytes).toBe(0);
    expect(next.filter(({ bytes }) => bytes.includes(value)).length).toBe(2);
  });
});
