import { decompress } from "../compression/compression.ts";
import type { BatchHeader } from "./batch-header.ts";
import { HEADER_BYTES } from "./batch-header.ts";

/** A batch's records as they are encoded one after the other, decompressed. */
export interface StoredRecords {
  readonly header: BatchHeader;
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  /** Of the buffer, and where it begins there: asked for once per batch, since each record needs them. */
  readonly memory: ArrayBufferLike;
  readonly memoryStart: number;
  /** The base offset's halves of 32 bits, unsigned: adding bigints would take three times as long. */
  readonly baseLow: number;
  readonly baseHigh: number;
  /** Of the header: each record's time needs it. */
  readonly baseTimestamp: bigint;
}

/** A view of the fetch's buffer where the batch is not compressed, a buffer of its own where it is. */
export function readStoredRecords(header: BatchHeader, maxDecompressedBytes: number): StoredRecords {
  const start = header.start + HEADER_BYTES;
  const { buffer, end, codec } = header;
  if (codec === 0) {
    return storedRecords(header, buffer, { start, end });
  }
  const decompressed = decompress(codec, buffer.subarray(start, end), {
    maxBytes: maxDecompressedBytes,
    baseOffset: header.baseOffset,
  });
  return storedRecords(header, decompressed, { start: 0, end: decompressed.length });
}

function storedRecords(
  header: BatchHeader,
  buffer: Buffer,
  { start, end }: Pick<StoredRecords, "start" | "end">,
): StoredRecords {
  const baseLow = Number(BigInt.asUintN(32, header.baseOffset));
  const baseHigh = Number(header.baseOffset >> 32n);
  return {
    header,
    buffer,
    start,
    end,
    memory: buffer.buffer,
    memoryStart: buffer.byteOffset,
    baseLow,
    baseHigh,
    baseTimestamp: header.baseTimestamp,
  };
}
