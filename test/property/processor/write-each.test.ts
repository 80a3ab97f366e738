// Write each under crashes
//
// Random records with random keys, several outputs each, and a processor that dies before any
// of its writes: what took effect is what writing each record alone, in order, would leave.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import { type RecordInput, recordsOf } from "../../../functions/testing/records-of.ts";
import { type Run, runOnce } from "../../../functions/testing/run-once.ts";
import { setUpRun } from "../../../functions/testing/run-options.ts";
import { put, update } from "../../../shared/dynamodb/outputs/plain-outputs.ts";

/** What a record writes: an item by each of its keys, and one more in the count of it. */
interface Writes {
  readonly keys: readonly string[];
  readonly text: string;
}

const key = fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h");
const record = fc.record({
  value: fc.record({ keys: fc.uniqueArray(key, { maxLength: 4 }), text: fc.string({ maxLength: 5 }) }),
  skips: fc.integer({ min: 0, max: 3 }),
  aborted: fc.boolean(),
});

const process: ProcessFunction<TransactWriteItem> = (range) =>
  range.writeEach(({ offset, value }) => {
    const { keys, text }: Writes = JSON.parse(String(value));
    return keys.flatMap((id) => [
      put("items", { id, text, offset }),
      update("counts", { id }, { add: { count: 1 }, set: { last: offset } }),
    ]);
  });

/** One record after the other, by hand. */
function expectedOf(records: ReturnType<typeof recordsOf>) {
  const items = new Map<string, object>();
  const counts = new Map<string, number>();
  for (const { offset, value, isAborted } of records) {
    const { keys, text }: Writes = JSON.parse(String(value));
    for (const id of isAborted ? [] : keys) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      items.set(id, { id, text, offset: Number(offset), count: counts.get(id) });
    }
  }
  return [...items.values()];
}

function itemsOf({ tables }: Run) {
  const { items = [], counts = [] } = tables?.items() ?? {};
  return items.map((item) => ({ ...item, count: counts.find(({ id }) => id === item["id"])?.["count"] }));
}

const byId = (a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

test("G5, RW1, WE1: what took effect is the sequential result, wherever the processor dies", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 20 }),
      fc.integer({ min: 0, max: 12 }),
      async (drawn, recordsPerBatch, dies) => {
        let offset = 0n;
        const inputs = drawn.map(({ value, skips, aborted }): RecordInput => {
          offset += BigInt(skips) + 1n;
          return { value, aborted, offset };
        });
        const records = recordsOf(inputs);
        const setup = setUpRun({ records, recordsPerBatch, tables: { items: { key: "id" }, counts: { key: "id" } } });

        const run = await runOnce({ process }, setup, dies);

        expect(run.outcome.kind).toBe("completed");
        expect(itemsOf(run).toSorted(byId)).toEqual(expectedOf(records).toSorted(byId));
        expect(run.record.counts).toMatchObject({
          delivered: BigInt(records.filter(({ isAborted }) => !isAborted).length),
          aborted: BigInt(records.filter(({ isAborted }) => isAborted).length),
        });
        // The range's progress moves with each commit.
        const ends = run.commits.map(({ untilOffset }) => untilOffset);
        expect(ends).toEqual([...new Set(ends)].toSorted((a, b) => (a < b ? -1 : 1)));
      },
    ),
    { numRuns: 500 },
  );
});
