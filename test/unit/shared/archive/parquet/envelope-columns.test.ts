import { parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import { parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import { InvalidOutputError } from "../../../../../shared/core/errors.ts";
import { aPlace } from "../../../../support/archive/object-of.ts";

test.each<[string, object]>([
  ["a timestamp of more than 64 bits", { timestamp: 2n ** 63n }],
  ["an offset of more than 64 bits", { offset: -(2n ** 63n) - 1n }],
  ["a timestamp that is a Date", { timestamp: new Date(0) }],
  ["a timestamp with a fraction", { timestamp: 1.5 }],
  ["a header without a value of bytes or text", { headers: [{ key: "h", value: 1 }] }],
])("%s is refused, and nothing of its row is taken", async (_, odd) => {
  const pieces: Uint8Array[] = [];
  const encoder = parquet().open((piece) => {
    pieces.push(Buffer.from(piece));
    return undefined;
  }, aPlace);
  const made = { offset: 1n, timestamp: 1n, key: "odd", value: "odd", ...odd } as ArchiveRecord; // As code without types.

  expect(() => encoder.add(made)).toThrow();
  await encoder.add({ offset: 2n, timestamp: 2n, key: "k", value: "v" });
  await encoder.finish();

  const rows = await parquetReadObjects({ file: new Uint8Array(Buffer.concat(pieces)).buffer });
  expect(rows).toEqual([{ offset: 2n, timestamp: new Date(2), key: "k", value: "v", headers: undefined }]);
});

test("what a column of 64 bits does not take is told before it is written, with the offset or timestamp", () => {
  const encoder = parquet().open(() => undefined, aPlace);
  const made = { offset: 1n, timestamp: 2n ** 63n, value: "" };

  for (const take of [() => encoder.check(made), () => encoder.add(made)]) {
    expect(take).toThrow(InvalidOutputError);
    expect(take).toThrow('the timestamp "9223372036854775808" of a record is not a bigint');
  }
});

test("a timestamp that is a number is that of the record", async () => {
  const pieces: Uint8Array[] = [];
  const encoder = parquet().open((piece) => {
    pieces.push(Buffer.from(piece));
    return undefined;
  }, aPlace);
  const made = { timestamp: 1_800_000_000_000, value: "" };
  await encoder.add(made as unknown as ArchiveRecord); // As code without types has it.
  await encoder.finish();

  const rows = await parquetReadObjects({ file: new Uint8Array(Buffer.concat(pieces)).buffer });
  expect(rows).toMatchObject([{ timestamp: new Date(1_800_000_000_000) }]);
});
