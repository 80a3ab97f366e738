import type { BatchHeader } from "./batch-header.ts";
import { HEADER_BYTES } from "./batch-header.ts";
import { decompress } from "./compression.ts";

/** A batch's records as they are encoded one after the other, decompressed. */
export interface StoredRecords {
  readonly header: BatchHeader;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
}

/** A view of the fetch's buffer where the batch is not compressed, a buffer of its own where it is. */
export function readStoredRecords(header: BatchHeader, maxDecompressedBytes: number): StoredRecords {
  const start = header.start + HEADER_BYTES;
  const { buffer, end, codec } = header;
  if (codec === 0) {
    return { header, buffer, start, end };
  }
  const decompressed = decompress(codec, buffer.subarray(start, end), {
    maxBytes: maxDecompressedBytes,
    baseOffset: header.baseOffset,
  });
  return { header, buffer: decompressed, start: 0, end: decompressed.length };
}
