// Record batch encoder
//
// Writes record batches (magic 2) for tests, byte by byte from the grammar and
// sharing nothing with the decoder that they test, checksum included.

import { gzipSync, zstdCompressSync } from "node:zlib";
import { encodeLz4Frame } from "./lz4-encoder.ts";
import { encodeRawSnappy, encodeXerialSnappy } from "./snappy-encoder.ts";

export type TestCodec = "none" | "gzip" | "snappy" | "snappy-xerial" | "lz4" | "zstd";

export interface EncodedRecord {
  readonly offsetDelta: number;
  /** @default 0n */
  readonly timestampDelta?: bigint;
  /** @default null */
  readonly key?: Buffer | null;
  /** @default null */
  readonly value?: Buffer | null;
  /** @default [] */
  readonly headers?: readonly { readonly key: string; readonly value: Buffer | null }[];
}

export interface EncodedBatch {
  readonly baseOffset: bigint;
  readonly records: readonly EncodedRecord[];
  /** @default that of the last record */
  readonly lastOffsetDelta?: number;
  /** @default 0 */
  readonly leaderEpoch?: number;
  /** @default "none" */
  readonly codec?: TestCodec;
  /** Compresses the records in the codec's stead. @default one stream of the codec */
  readonly compress?: (records: Buffer) => Buffer;
  /** @default false */
  readonly isLogAppendTime?: boolean;
  /** @default false */
  readonly isTransactional?: boolean;
  /** @default false */
  readonly isControl?: boolean;
  /** @default 0n */
  readonly baseTimestamp?: bigint;
  /** @default 0n */
  readonly maxTimestamp?: bigint;
  /** @default -1n */
  readonly producerId?: bigint;
}

const CODEC_NUMBERS: Readonly<Record<TestCodec, number>> = {
  none: 0,
  gzip: 1,
  snappy: 2,
  "snappy-xerial": 2,
  lz4: 3,
  zstd: 4,
};

export function encodeBatch(batch: EncodedBatch): Buffer {
  const { records, codec = "none", baseTimestamp = 0n, maxTimestamp = 0n, producerId = -1n } = batch;
  const plain = Buffer.concat(records.map(encodeRecord));
  const payload = batch.compress?.(plain) ?? compress(codec, plain);
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(batch.baseOffset, 0);
  header.writeInt32BE(61 - 12 + payload.length, 8);
  header.writeInt32BE(batch.leaderEpoch ?? 0, 12);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributesOf(batch), 21);
  header.writeInt32BE(batch.lastOffsetDelta ?? records.at(-1)?.offsetDelta ?? 0, 23);
  header.writeBigInt64BE(baseTimestamp, 27);
  header.writeBigInt64BE(maxTimestamp, 35);
  header.writeBigInt64BE(producerId, 43);
  header.writeInt16BE(0, 51);
  header.writeInt32BE(0, 53);
  header.writeInt32BE(records.length, 57);
  const whole = Buffer.concat([header, payload]);
  return withChecksum(whole);
}

/** Writes the checksum that the batch's bytes have now. */
export function withChecksum(batch: Buffer): Buffer {
  const result = Buffer.from(batch);
  result.writeUInt32BE(bitwiseCrc32c(result.subarray(21)), 17);
  return result;
}

/** A transaction marker of its producer. */
export function encodeMarker(baseOffset: bigint, producerId: bigint, type: "abort" | "commit"): Buffer {
  const key = Buffer.from([0, 0, 0, type === "commit" ? 1 : 0]);
  const records = [{ offsetDelta: 0, key, value: Buffer.alloc(6) }];
  return encodeBatch({ baseOffset, records, producerId, isTransactional: true, isControl: true });
}

/** CRC-32C by its definition, bit by bit. */
export function bitwiseCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}

export function encodeVarint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
  }
  return Buffer.from([...bytes, Number(rest)]);
}

function encodeRecord({
  offsetDelta,
  timestampDelta = 0n,
  key = null,
  value = null,
  headers = [],
}: EncodedRecord): Buffer {
  const body = Buffer.concat([
    Buffer.from([0]),
    encodeVarint(timestampDelta),
    encodeVarint(BigInt(offsetDelta)),
    encodeBytes(key),
    encodeBytes(value),
    encodeVarint(BigInt(headers.length)),
    ...headers.flatMap((header) => [encodeBytes(Buffer.from(header.key)), encodeBytes(header.value)]),
  ]);
  return Buffer.concat([encodeVarint(BigInt(body.length)), body]);
}

function encodeBytes(bytes: Buffer | null): Buffer {
  return bytes === null ? encodeVarint(-1n) : Buffer.concat([encodeVarint(BigInt(bytes.length)), bytes]);
}

function attributesOf({ codec = "none", isLogAppendTime, isTransactional, isControl }: EncodedBatch): number {
  return CODEC_NUMBERS[codec] | (isLogAppendTime ? 8 : 0) | (isTransactional ? 16 : 0) | (isControl ? 32 : 0);
}

export function compress(codec: TestCodec, records: Buffer): Buffer {
  switch (codec) {
    case "none":
      return records;
    case "gzip":
      return gzipSync(records);
    case "zstd":
      return zstdCompressSync(records);
    case "snappy":
      return encodeRawSnappy(records);
    case "snappy-xerial":
      return encodeXerialSnappy(records);
    case "lz4":
      return encodeLz4Frame(records);
  }
}
