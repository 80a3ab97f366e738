import { gunzipSync, zstdDecompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { ArchiveFormat } from "../../../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../../../shared/archive/format/archive-record.ts";
import { jsonLines, rawBytes } from "../../../../../shared/archive/lines/line-formats.ts";
import { objectOf } from "../../../../support/archive/object-of.ts";

async function contentOf(format: ArchiveFormat, records: readonly ArchiveRecord[]): Promise<Buffer> {
  const { bytes: content } = await objectOf(format, records);
  return content;
}

const plain = { compression: "none" } as const;
const bytes = (text: string) => Buffer.from(text);

test("a tombstone is the line null, and in raw bytes it is nothing", async () => {
  const records = [{ value: bytes("1") }, { value: null }, { value: "2" }];

  expect(String(await contentOf(jsonLines(plain), records))).toBe("1\nnull\n2\n");
  expect(String(await contentOf(rawBytes(), records))).toBe("12");
});

test("a line break becomes a space where the archive says so", async () => {
  const format = jsonLines({ ...plain, lineBreaks: "space" });

  expect(String(await contentOf(format, [{ value: '{\r\n"a":1}' }]))).toBe('{  "a":1}\n');
});

test("a line is what code makes of the record", async () => {
  const format = jsonLines({ ...plain, line: ({ offset, value }) => ({ offset, length: value?.length }) });

  expect(String(await contentOf(format, [{ offset: 9n, value: "four" }]))).toBe('{"offset":"9","length":4}\n');
});

describe("an envelope", () => {
  const record: ArchiveRecord = {
    offset: 9_007_199_254_740_993n,
    timestamp: 7n,
    key: bytes("k"),
    value: bytes('{"a":\n1}'),
    headers: [
      { key: "trace", value: bytes("x") },
      { key: "trace", value: null },
    ],
  };

  test("has all of a record in one line of JSON", async () => {
    expect(String(await contentOf(jsonLines({ ...plain, line: {} }), [record]))).toBe(
      '{"offset":9007199254740993,"timestamp":7,"key":"k","value":{"a": 1},"headers":[{"key":"trace","value":"x"},{"key":"trace","value":null}]}\n',
    );
  });

  test("has bytes of any kind in base64", async () => {
    const format = jsonLines({ ...plain, line: { key: "base64", value: "base64", headers: "base64" } });

    expect(String(await contentOf(format, [{ value: Buffer.from([0xff, 0]) }]))).toBe('{"value":"/wA="}\n');
  });

  test.each([
    [
      "bytes that are no text",
      { value: Buffer.from([0xff]) },
      {},
      'the value is no UTF-8: give the envelope value: "base64"',
    ],
    [
      "half of a JSON",
      { offset: 3n, value: "{" },
      {},
      'the value at offset 3 is no JSON: give the envelope value: "text" or "base64"',
    ],
    ["a key that is no text", { value: "1", key: Buffer.from([0xff]) }, { key: "text" }, "the key is no UTF-8"],
  ] as const)("refuses %s", async (_, bad, line, why) => {
    await expect(contentOf(jsonLines({ ...plain, line }), [bad])).rejects.toThrow(why);
  });
});

test.each([
  ["gzip", gunzipSync],
  ["zstd", zstdDecompressSync],
] as const)("records that are longer than a block are whole, by %s", async (compression, decompress) => {
  const values = [5, 600_000, 1, 1_700_000, 524_287].map((length, index) => Buffer.alloc(length, `${index}abc`));

  const content = await contentOf(
    jsonLines({ compression }),
    values.map((value) => ({ value })),
  );

  expect(decompress(content).equals(Buffer.concat(values.flatMap((value) => [value, bytes("\n")])))).toBe(true);
});

test.each([
  [{ compression: "lzma" as "gzip" }, 'compression is "lzma"; expected "gzip", "zstd", "none"'],
  [{ level: 10 }, "level 10 of gzip is not from 1 to 9"],
  [{ compression: "zstd", level: 20 } as const, "level 20 of zstd is not from 1 to 19"],
])("%j is refused", (options, why) => {
  expect(() => jsonLines(options)).toThrow(why);
});
