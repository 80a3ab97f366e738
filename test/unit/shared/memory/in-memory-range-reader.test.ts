import { describe, expect, test } from "vitest";
import { recordsOf } from "../../../../functions/testing/records-of.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { READ_ONCE } from "../../../../shared/core/source/range-reader.ts";
import { recordFields } from "../../../../shared/core/source/record-fields.ts";
import { createInMemoryRangeReader } from "../../../../shared/memory/in-memory-range-reader.ts";

/** Offsets 3 to 12: records but for 6, which is aborted, 7, a marker, and 9, compacted away. */
const records = recordsOf([
  { offset: 3, value: "d" },
  "e",
  "f",
  { value: "x", aborted: true },
  { offset: 8, value: "i" },
  { offset: 10, value: "k" },
  "l",
  "m",
]);

function read(fromOffset: bigint, untilOffset: bigint, signal?: AbortSignal) {
  return createInMemoryRangeReader({ records, recordsPerBatch: 3 }).readRange({
    range: { topic: "orders", partition: 0, fromOffset, untilOffset },
    isolationLevel: "read_committed",
    ...(signal === undefined ? {} : { signal }),
  });
}

describe("G1, RR1: a read delivers the visible records of its range", () => {
  test.each([
    [3n, 13n, "defiklm"],
    [4n, 11n, "efik"],
    [6n, 8n, ""],
    [9n, 10n, ""],
    [0n, 4n, "d"],
    [11n, 99n, "lm"],
  ])("[%d, %d)", async (fromOffset, untilOffset, values) => {
    const reading = read(fromOffset, untilOffset);

    const found = await Array.fromAsync(reading.records());

    expect(found.map(({ value }) => String(value)).join("")).toBe(values);
    expect(reading.position).toBe(untilOffset);
    expect(reading.counts.delivered).toBe(BigInt(values.length));
  });
});

test("IMR1: a spread copies no field of a record, as of one that was fetched; its fields by name do", async () => {
  const [first] = await Array.fromAsync(read(3n, 4n).records());
  const record = first ?? expect.unreachable("no record");

  expect({ ...record }).toEqual({});
  const { isAborted: _own, ...stored } = records[0] ?? expect.unreachable("no record");
  expect({ ...recordFields(record) }).toEqual(stored);
});

test("batches are as they are stored, and count what is visible and what is aborted", async () => {
  const reading = read(4n, 13n);
  const batches: string[] = [];

  for await (const batch of reading.batches()) {
    const values = [...batch].map(({ value }) => String(value)).join("");
    batches.push(`${values} ${batch.count} ${batch.countBelow(10n)} ${batch.untilOffset}`);
    expect(reading.position).toBe(batch.untilOffset);
  }

  expect(batches).toEqual(["ef 2 2 6", "ikl 3 1 12", "m 1 0 13"]);
  expect(reading.counts).toMatchObject({ delivered: 6n, aborted: 1n });
});

test("a signal ends the read with its reason", async () => {
  const ending = new AbortController();
  const reading = read(3n, 13n, ending.signal);
  const seen: bigint[] = [];

  const all = (async () => {
    for await (const batch of reading.batches()) {
      seen.push(batch.untilOffset);
      ending.abort(new Error("enough"));
    }
  })();

  await expect(all).rejects.toThrow("enough");
  expect(seen).toEqual([6n]);
});

test("a read is begun once", async () => {
  const reading = read(3n, 13n);
  await Array.fromAsync(reading.records());

  expect(() => reading.batches()).toThrow(ConfigurationError);
  await expect(Array.fromAsync(reading.records())).rejects.toThrow(READ_ONCE);
});
