import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import type { ColumnType } from "../../../../../../shared/archive/parquet/column-types.ts";
import { parquet } from "../../../../../../shared/archive/parquet/parquet-format.ts";
import { objectOf } from "../../../../../support/archive/object-of.ts";

/** What a file of one column has, as another library reads it; `values[n]` is the row of offset n. */
async function columnOf(type: ColumnType, values: readonly unknown[], rowGroupBytes = 33_554_432) {
  const format = parquet({
    columns: { field: type },
    row: ({ offset = 0n }) => ({ field: values[Number(offset)] }),
    rowGroupBytes,
  });
  const { bytes } = await objectOf(
    format,
    values.map((_, index) => ({ offset: BigInt(index), value: "" })),
  );
  const file = new Uint8Array(bytes).buffer; // From its beginning.
  const chunks = parquetMetadata(file).row_groups.flatMap(({ columns }) => columns.map(({ meta_data }) => meta_data));
  const rows = (await parquetReadObjects({ file })).map(({ field }) => field);
  return { rows, chunks, isDictionary: chunks.map((chunk) => chunk?.dictionary_page_offset !== undefined) };
}

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

test("PQF2: values that repeat are indexes of a dictionary, and those that do not are themselves", async () => {
  const few = times(3_000, (index) => (index % 5 === 0 ? null : `status-${index % 3}`));
  const many = times(3_000, (index) => `order-${index}`);

  const repeating = await columnOf("string", few);
  const unique = await columnOf("string", many);

  expect(repeating).toMatchObject({ rows: few, isDictionary: [true] });
  expect(unique).toMatchObject({ rows: many, isDictionary: [false] });
});

test("PQF2: a dictionary that stops to pay is given up with all rows before, nulls too", async () => {
  const values = times(9_000, (index) => (index % 7 === 0 ? null : index < 2_000 ? "usual" : `${index}`.padStart(200)));

  expect(await columnOf("string", values)).toMatchObject({ rows: values, isDictionary: [false] });
});

test.each<[string, ColumnType, (index: number) => unknown, boolean]>([
  ["more different values than a dictionary takes", "string", (index) => `${index >> 3}`, false],
  ["a value larger than a page", "string", (index) => `${index % 3}`.repeat(index === 4_000 ? 1_200_000 : 1), false],
  ["many pages of indexes", "string", (index) => (index % 10 === 0 ? null : `${index % 9}`), true],
])("PQF2: a column has %s", async (_, type, make, isIndexed) => {
  const values = times(600_000, make);

  const { rows, isDictionary } = await columnOf(type, values);

  expect(isDictionary).toEqual([isIndexed]);
  expect(rows.length).toBe(values.length);
  expect(rows.findIndex((field, index) => field !== values[index])).toBe(-1);
});

test("PQF2: 0, -0 and what is no number stay what they are in a dictionary", async () => {
  const few = [0, -0, Number.NaN, 1.5, Number.POSITIVE_INFINITY];
  const values = times(5_000, (index) => few[index % few.length]);

  const { rows, isDictionary } = await columnOf("double", values);

  expect(isDictionary).toEqual([true]);
  expect(rows.every((field, index) => Object.is(field, values[index]))).toBe(true);
});

describe("a column tells its least and its greatest", () => {
  test.each([
    ["double", [2, Number.NaN, -0, 7.5], { min_value: -0, max_value: 7.5 }],
    ["double", [Number.NaN], {}],
    ["int64", [5n, -3n, 2n ** 62n], { min_value: -3n, max_value: 2n ** 62n }],
    ["boolean", [false, false], { min_value: false, max_value: false }],
    ["string", ["b", "a"], {}],
  ] as const)("of %s", async (type, few, bounds) => {
    const { chunks: plain } = await columnOf(type, [...few, null]);
    const { chunks: repeated } = await columnOf(
      type,
      times(3_000, (index) => few[index % few.length]),
    );

    const { min_value, max_value } = { min_value: undefined, max_value: undefined, ...bounds };
    expect(plain[0]?.statistics).toMatchObject({ null_count: 1n, min_value, max_value });
    expect(repeated[0]?.statistics).toMatchObject({ null_count: 0n, min_value, max_value });
  });
});

test("a row group of nulls alone ends, too", async () => {
  const { rows, chunks } = await columnOf(
    "string",
    times(1_100_000, () => null),
    1_048_576,
  );

  expect(rows.length).toBe(1_100_000);
  expect(chunks.map((chunk) => chunk?.statistics?.null_count)).toEqual([1_048_576n, 51_424n]);
});

test("each row group has a dictionary of its own, or none", async () => {
  const values = times(30_000, (index) => (index < 10_000 ? `${index}`.padStart(100) : "usual".padStart(100)));

  const { rows, isDictionary } = await columnOf("string", values, 1_048_576);

  expect(rows).toEqual(values);
  expect(isDictionary).toEqual([false, true, true]);
});
