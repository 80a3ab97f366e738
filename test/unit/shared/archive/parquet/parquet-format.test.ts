import { createHash } from "node:crypto";
import { zstdDecompressSync } from "node:zlib";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { describe, expect, test } from "vitest";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import { type ParquetOptions, parquet } from "../../../../../shared/archive/parquet/parquet-format.ts";
import { aPlace } from "../../../../support/archive/object-of.ts";

async function fileOf(options: ParquetOptions, records: readonly ArchiveRecord[]) {
  const pieces: Uint8Array[] = [];
  const encoder = parquet(options).open((piece) => {
    pieces.push(Buffer.from(piece));
    return undefined;
  }, aPlace);
  for (const record of records) {
    await encoder.add(record);
  }
  const digest = await encoder.finish();
  const bytes = Buffer.concat(pieces);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const compressors = { ZSTD: (input: Uint8Array) => zstdDecompressSync(input) };
  return {
    bytes,
    digest,
    rows: () => parquetReadObjects({ file, compressors, utf8: false }),
    metadata: parquetMetadata(file),
  };
}

const text = (value: string) => Buffer.from(value);
const aRecord = (offset: bigint, more: Partial<ArchiveRecord> = {}): ArchiveRecord => ({
  offset,
  timestamp: 1_800_000_000_000n + offset,
  key: text(`k${offset}`),
  value: text(`{"n":${offset}}`),
  ...more,
});
const rowOf = (offset: bigint, more: object = {}) => ({
  offset,
  timestamp: new Date(Number(1_800_000_000_000n + offset)),
  key: new Uint8Array(text(`k${offset}`)),
  value: new Uint8Array(text(`{"n":${offset}}`)),
  headers: undefined,
  ...more,
});
const plain = (rows: readonly object[]) =>
  rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, value instanceof Uint8Array ? new Uint8Array(value) : value]),
    ),
  );

describe.each(["snappy", "zstd", "none"] as const)("the envelope, by %s,", (compression) => {
  test("has all of each record, nulls and headers too", async () => {
    const headers = [
      { key: "trace", value: text("x") },
      { key: "trace", value: null },
    ];
    const records = [
      aRecord(1n),
      aRecord(2n, { key: null }),
      aRecord(3n, { value: null, headers }),
      { value: "made" },
      aRecord(2n ** 60n, { timestamp: -1n, headers: [] }),
    ];

    const { rows, metadata } = await fileOf({ compression }, records);

    expect(plain(await rows())).toEqual(
      plain([
        rowOf(1n),
        rowOf(2n, { key: null }),
        rowOf(3n, {
          value: null,
          headers: [
            { key: "trace", value: new Uint8Array(text("x")) },
            { key: "trace", value: null },
          ],
        }),
        { offset: null, timestamp: null, key: null, value: new Uint8Array(text("made")), headers: undefined },
        { ...rowOf(2n ** 60n), timestamp: new Date(-1) },
      ]),
    );
    expect(metadata.num_rows).toBe(5n);
  });
});

test("PQF1: row groups end by their bytes, and tell which offsets they have", async () => {
  const records = Array.from({ length: 2_500 }, (_, index) =>
    aRecord(BigInt(index), { value: Buffer.alloc(1_000, `${index}`) }),
  );

  const { metadata, rows } = await fileOf({ rowGroupBytes: 1_048_576 }, records);

  const bounds = metadata.row_groups.map(({ columns, num_rows }) => [
    num_rows,
    columns[0]?.meta_data?.statistics?.min_value,
    columns[0]?.meta_data?.statistics?.max_value,
  ]);
  expect(bounds).toEqual([
    [1_020n, 0n, 1_019n],
    [1_019n, 1_020n, 2_038n],
    [461n, 2_039n, 2_499n],
  ]);
  expect((await rows()).map(({ offset }) => offset)).toEqual(records.map(({ offset }) => offset));
});

test("PQF1: bytes change only with the code: a new digest here makes files that no retry has had", async () => {
  const records = Array.from({ length: 300 }, (_, index) => aRecord(BigInt(index)));
  const { bytes, digest, metadata } = await fileOf({ compression: "snappy" }, records);

  expect(metadata.created_by).toBe("kafka-offset-ranges version 1");
  expect(createHash("sha256").update(bytes).digest("hex")).toMatchInlineSnapshot(
    `"5df574fdb09692bfbafb9666f2b3fab12cceb1b6bfa8971658355d538e4a24ce"`,
  );
  expect((await fileOf({ compression: "zstd" }, records)).digest).toEqual(digest);
});

test("values longer than a page, and pages of nulls alone, are whole", async () => {
  const records = [null, Buffer.alloc(3_000_000, "ab"), Buffer.alloc(10, "c"), Buffer.alloc(1_048_570, "d"), null].map(
    (value, index) => aRecord(BigInt(index), { value }),
  );

  const { rows } = await fileOf({ rowGroupBytes: 33_554_432 }, records);

  expect((await rows()).map(({ value }) => value?.length)).toEqual([undefined, 3_000_000, 10, 1_048_570, undefined]);
});

describe("declared columns", () => {
  const columns = {
    id: { type: "int64", required: true },
    name: "string",
    at: "timestamp",
    day: "date",
    amount: "double",
    count: "int32",
    isPaid: "boolean",
    tags: "json",
  } as const;
  const value = { id: "9007199254740993", name: "né", at: "2026-11-28T12:00:00Z", day: "2026-11-28", amount: 1.5 };

  test("have the fields of a JSON value, with their types", async () => {
    const more = { count: 3, isPaid: true, tags: ["a", { b: null }], unknown: 1 };
    const { rows, metadata } = await fileOf({ columns }, [
      { value: JSON.stringify({ ...value, ...more }) },
      { value: '{"id":7}' },
    ]);

    expect(await rows()).toEqual([
      {
        ...{ id: 9_007_199_254_740_993n, name: "né", at: new Date("2026-11-28T12:00:00Z") },
        ...{ day: new Date("2026-11-28"), amount: 1.5, count: 3, isPaid: true, tags: ["a", { b: null }] },
      },
      expect.objectContaining({ id: 7n, name: null }),
    ]);
    expect(metadata.schema.map(({ name, repetition_type }) => [name, repetition_type]).slice(1, 3)).toEqual([
      ["id", "REQUIRED"],
      ["name", "OPTIONAL"],
    ]);
  });

  test("have all digits of whole numbers, also within JSON", async () => {
    const { rows, bytes } = await fileOf(
      { columns: { id: "int64", ratio: "double", tags: "json" }, compression: "none" },
      [{ value: '{"id":9007199254740993,"ratio":9007199254740993,"tags":[{"n":-12345678901234567890}]}' }],
    );

    expect(await rows()).toMatchObject([{ id: 9_007_199_254_740_993n, ratio: 9_007_199_254_740_992 }]);
    expect(bytes.includes('[{"n":-12345678901234567890}]')).toBe(true);
  });

  test("have what the user's function makes of a record", async () => {
    const row = ({ offset, key }: ArchiveRecord) => ({ id: offset, name: String(key) });

    const { rows } = await fileOf(
      { columns: { id: "int64", name: "bytes" }, row: (one) => ({ ...row(one), name: text("n") }) },
      [aRecord(5n)],
    );

    expect(plain(await rows())).toEqual([{ id: 5n, name: new Uint8Array(text("n")) }]);
  });

  test("end a row group by the size of their JSON, too, which has all its digits", async () => {
    const tags = ["x".repeat(600_000)];
    const row = ({ offset }: ArchiveRecord) => ({ id: offset, tags: offset === 3n ? { big: 2n ** 60n } : tags });

    const { metadata, bytes } = await fileOf(
      { columns, row, rowGroupBytes: 1_048_576, compression: "none" },
      [1n, 2n, 3n].map((offset) => aRecord(offset)),
    );

    expect(metadata.row_groups.map(({ num_rows }) => num_rows)).toEqual([2n, 1n]);
    expect(bytes.includes('{"big":1152921504606846976}')).toBe(true);
  });

  test("have what an object was when its row was taken, also where the code uses it again", async () => {
    const shared = { tags: { n: 0n }, name: new Uint8Array(1), at: new Date(0), day: new Date(0) };
    const row = ({ offset = 0n }: ArchiveRecord) => {
      shared.tags.n = offset;
      shared.name[0] = Number(offset);
      shared.at.setTime(Number(offset));
      shared.day.setUTCDate(Number(offset));
      return { id: offset, ...shared };
    };

    const { rows } = await fileOf(
      { columns: { ...columns, name: "bytes" }, row },
      [1n, 2n].map((offset) => aRecord(offset)),
    );

    const rowOfNumber = (n: number) => ({
      ...{ tags: { n }, name: Uint8Array.of(n), at: new Date(n), day: new Date(Date.UTC(1970, 0, n)) },
    });
    expect(plain(await rows())).toMatchObject([rowOfNumber(1), rowOfNumber(2)]);
  });

  test("have a time with a zone of its own, and with more digits than milliseconds", async () => {
    const { rows } = await fileOf({ columns: { at: "timestamp" } }, [
      { value: '{"at":"2026-11-28T12:00:00.123987+01:00"}' },
      { value: '{"at":"1969-12-31T23:59:59.9999Z"}' },
    ]);

    expect((await rows()).map(({ at }) => at)).toEqual([new Date("2026-11-28T11:00:00.123Z"), new Date(-1)]);
  });

  test("have null where the name is absent from a value, and every object has it", async () => {
    const { rows } = await fileOf(
      {
        columns: Object.fromEntries([
          ["constructor", "string"],
          ["id", "int32"],
        ]),
      },
      [{ value: '{"id":7}' }, { value: '{"constructor":"c","id":8}' }],
    );

    expect((await rows()).map((row) => Object.values(row))).toEqual([
      [null, 7],
      ["c", 8],
    ]);
  });

  test.each([
    ["a value that JSON has not", { tags: () => {} }],
    ["a value that refers to itself", { tags: looping() }],
  ])("refuse %s", async (_, more) => {
    await expect(fileOf({ columns, row: () => ({ id: 1, ...more }) }, [aRecord(4n)])).rejects.toThrow(
      "the row of offset 4: column tags takes what JSON has",
    );
  });

  test.each([
    ["a tombstone", null, "the record is a tombstone, whose value has no fields; write nothing for it"],
    ["no JSON", "{", "the value is no JSON"],
    ["the JSON null, which is no tombstone", "null", "the value is no JSON object"],
    ["no object", "[1]", "the value is no JSON object"],
    ["nothing where something has to be", "{}", "column id is required"],
    ["a fraction for a whole number", '{"id":1.5}', "column id takes a bigint"],
    ["a whole number beyond 64 bits", '{"id":9223372036854775808}', "column id takes a bigint"],
    ["a number for a text", '{"id":1,"name":2}', "column name takes a text, not the number 2"],
    ["no time", '{"id":1,"at":"yesterday"}', "column at takes a Date"],
    ["what only Date.parse takes for a time", '{"id":1,"at":"order 12"}', "column at takes a Date"],
    ["a time without its zone", '{"id":1,"at":"2026-11-28T12:00:00"}', "a text with its zone"],
    ["a time on no day", '{"id":1,"at":"2026-02-31T12:00:00Z"}', "column at takes a Date"],
    ["a day that the calendar has not", '{"id":1,"day":"2026-02-31"}', "column day takes a Date"],
    ["a time for a date", '{"id":1,"day":"2026-11-28T00:00:00Z"}', "column day takes a Date"],
    ["a number that is too large", '{"id":1,"count":2147483648}', "column count takes a whole number"],
  ])("refuse %s", async (_, json, why) => {
    const failure = await fileOf({ columns }, [{ offset: 4n, value: json }]).catch((error: unknown) => error);

    expect(failure).toMatchObject({ name: "InvalidOutputError", outputIndex: 0 });
    expect((failure as Error).message).toContain("offset 4");
    expect((failure as Error).message).toContain(why);
  });
});

function looping(): object {
  const value: { self?: object } = {};
  value.self = value;
  return value;
}

test.each<[ParquetOptions, string]>([
  [{ compression: "lzo" as "gzip" }, 'compression is "lzo"; expected "gzip", "none", "snappy", "zstd"'],
  [{ rowGroupBytes: 10 }, "rowGroupBytes 10 is not from 1048576 to 33554432"],
  [{ columns: {} }, "columns names no column"],
  [{ columns: { a: "float128" as "double" } }, 'column a has the type "float128"'],
])("%j is refused", (options, why) => {
  expect(() => parquet(options)).toThrow(why);
});

test("text has to be UTF-8", async () => {
  await expect(fileOf({ value: "text" }, [aRecord(4n, { value: Buffer.from([0xff]) })])).rejects.toThrow(
    'the value at offset 4 is no UTF-8: give parquet value: "bytes"',
  );
});
