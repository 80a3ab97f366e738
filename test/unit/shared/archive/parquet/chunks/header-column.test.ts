import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import type { ArchiveRecord } from "../../../../../../shared/archive/format/archive-record.ts";
import { parquet } from "../../../../../../shared/archive/parquet/parquet-format.ts";
import { objectOf } from "../../../../../support/archive/object-of.ts";

async function headersOf(prefix: string, records: readonly ArchiveRecord[]) {
  const envelope = { fields: ["offset", "headers"], prefix } as const;
  const { bytes } = await objectOf(parquet({ columns: { n: "int32" }, row: () => ({ n: 1 }), envelope }), records);
  const file = new Uint8Array(bytes).buffer; // From its beginning.
  const paths = parquetMetadata(file).row_groups.flatMap(({ columns }) =>
    columns.map(({ meta_data }) => meta_data?.path_in_schema.join(".")),
  );
  return { paths, rows: (await parquetReadObjects({ file })).map((row) => row[`${prefix}headers`]) };
}

const times = (count: number, headers: NonNullable<ArchiveRecord["headers"]>): readonly ArchiveRecord[] =>
  Array.from({ length: count }, (_, index) => ({ offset: BigInt(index), value: "", headers }));

test.each([
  ["of records that have some", times(2, [{ key: "trace", value: "a1" }]), [{ key: "trace", value: "a1" }]],
  ["of few records that have none", times(2, []), undefined],
  ["of many records that have none", times(20, []), undefined],
])("headers %s stand in the column that the prefix names", async (_, records, row) => {
  for (const prefix of ["", "_kafka_"]) {
    const { paths, rows } = await headersOf(prefix, records);

    expect(paths.slice(1, 3)).toEqual(["key", "value"].map((name) => `${prefix}headers.list.element.${name}`));
    expect(rows.map((headers) => headers ?? undefined)).toEqual(records.map(() => row));
  }
});
