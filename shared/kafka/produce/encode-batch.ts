// Encode batch
//
// One record as a record batch of magic 2, uncompressed, outside of any transaction; the
// layouts are in ../records/batch-header.ts and ../records/lazy-record.ts. kafkajs's own encoder keeps headers in
// an object, which loses their order, and refuses one whose value is null.

import type { RecordHeader } from "../../core/source/range-reader.ts";
import { HEADER_BYTES } from "../records/batch-header.ts";
import { crc32c } from "../records/crc32c.ts";

export interface NewRecord {
  /** Milliseconds since the epoch. */
  readonly timestamp: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  /** Written in this order. */
  readonly headers: readonly NewHeader[];
}

export type NewHeader = Pick<RecordHeader, "key"> & { readonly value: Uint8Array | null };

const MAGIC = 2;
/** Of a batch without a producer id. */
const NONE = -1;

export function encodeBatch({ timestamp, key, value, headers }: NewRecord): Buffer {
  const body = Buffer.concat([
    Buffer.of(0, 0, 0), // Attributes, timestamp delta, offset delta.
    ...lengthAndBytes(key),
    ...lengthAndBytes(value),
    varint(headers.length),
    ...headers.flatMap((header) => [...lengthAndBytes(Buffer.from(header.key)), ...lengthAndBytes(header.value)]),
  ]);
  const record = Buffer.concat([varint(body.length), body]);
  const batch = Buffer.concat([Buffer.alloc(HEADER_BYTES), record]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt32BE(NONE, 12);
  batch.writeInt8(MAGIC, 16);
  batch.writeBigInt64BE(timestamp, 27);
  batch.writeBigInt64BE(timestamp, 35);
  batch.writeBigInt64BE(BigInt(NONE), 43);
  batch.writeInt16BE(NONE, 51);
  batch.writeInt32BE(NONE, 53);
  batch.writeInt32BE(1, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  return batch;
}

function lengthAndBytes(bytes: Uint8Array | null): readonly Uint8Array[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

/** Zigzag, of 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.of(...bytes, rest);
}
