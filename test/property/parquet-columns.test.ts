import fc from "fast-check";
import { parquetReadObjects } from "hyparquet";
import { test } from "vitest";
import type { ColumnType } from "../../shared/archive/parquet/column-types.ts";
import { parquet } from "../../shared/archive/parquet/parquet-format.ts";
import { objectOf } from "../support/archive/object-of.ts";

const MAKERS = {
  boolean: (seed) => seed % 2 === 0,
  bytes: (seed) => Uint8Array.of(seed & 255, seed >> 8),
  double: (seed) => (seed % 11 === 0 ? -0 : seed / 7),
  int32: (seed) => seed - 2_500,
  int64: (seed) => 2n ** 62n - BigInt(seed),
  string: (seed) => `né-${seed}`.repeat(1 + (seed % 4)),
} satisfies Partial<Record<ColumnType, (seed: number) => unknown>>;

const columns = Object.fromEntries(Object.keys(MAKERS).map((type) => [type, type as keyof typeof MAKERS]));

test("PQF2: a file has each value of each row, whatever repeats and whatever is null", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        rows: fc.integer({ min: 1, max: 5_000 }),
        distinct: fc.integer({ min: 1, max: 6_000 }),
        nullEvery: fc.integer({ min: 1, max: 9 }),
        step: fc.integer({ min: 1, max: 97 }),
        rowGroupBytes: fc.constantFrom(1_048_576, 8_388_608),
      }),
      async ({ rows, distinct, nullEvery, step, rowGroupBytes }) => {
        const made = Array.from({ length: rows }, (_, index) =>
          Object.fromEntries(
            Object.entries(MAKERS).map(([type, make], place) => [
              type,
              (index + place) % nullEvery === nullEvery - 1 ? null : make((index * step) % distinct),
            ]),
          ),
        );
        const format = parquet({ columns, row: ({ offset = 0n }) => made[Number(offset)] ?? {}, rowGroupBytes });
        const { bytes } = await objectOf(
          format,
          made.map((_, index) => ({ offset: BigInt(index), value: "" })),
        );

        const read = await parquetReadObjects({ file: new Uint8Array(bytes).buffer, utf8: false });

        for (const [index, row] of read.entries()) {
          for (const [type, field] of Object.entries(row)) {
            if (!isSame(made[index]?.[type], field ?? null)) {
              throw new Error(`row ${index}: ${type} is ${String(field)}, not ${String(made[index]?.[type])}`);
            }
          }
        }
        return read.length === rows;
      },
    ),
    { numRuns: 60 },
  );
});

function isSame(one: unknown, other: unknown): boolean {
  return one instanceof Uint8Array && other instanceof Uint8Array
    ? Buffer.compare(one, other) === 0
    : Object.is(one, other);
}
