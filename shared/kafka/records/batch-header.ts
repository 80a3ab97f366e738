// Record batch header (magic 2)
//
//   0 baseOffset int64     8 batchLength int32   12 partitionLeaderEpoch int32   16 magic int8
//  17 crc uint32          21 attributes int16    23 lastOffsetDelta int32        27 baseTimestamp int64
//  35 maxTimestamp int64  43 producerId int64    51 producerEpoch int16          53 baseSequence int32
//  57 recordCount int32   61 records
//
// attributes: bits 0–2 codec, 3 timestamp type, 4 transactional, 5 control.
//
// batchLength counts from byte 12. The checksum covers byte 21 to the end: base
// offset, length and leader epoch are written by the broker and lie outside.

import { CorruptRecordError } from "../../core/errors.ts";
import type { TimestampType } from "../../core/source/range-reader.ts";
import { crc32c } from "./crc32c.ts";

export const HEADER_BYTES = 61;
/** Base offset and batchLength themselves. */
const LENGTH_PREFIX_BYTES = 12;
const CRC_START = 21;

export class BatchHeader {
  /** The buffer that holds the batch, and where it lies in it. */
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly baseOffset: bigint;
  readonly lastOffset: bigint;
  readonly attributes: number;
  /** Records stored; compaction leaves fewer than the offsets that the batch spans, down to none. */
  readonly recordCount: number;
  #isVerified = false;

  constructor(buffer: Buffer, start: number, end: number) {
    this.buffer = buffer;
    this.start = start;
    this.end = end;
    this.baseOffset = buffer.readBigInt64BE(start);
    this.lastOffset = this.baseOffset + BigInt(this.lastOffsetDelta);
    this.attributes = buffer.readInt16BE(start + 21);
    this.recordCount = buffer.readInt32BE(start + 57);
  }

  get byteLength(): number {
    return this.end - this.start;
  }

  get leaderEpoch(): number {
    return this.buffer.readInt32BE(this.start + 12);
  }

  get lastOffsetDelta(): number {
    return this.buffer.readInt32BE(this.start + 23);
  }

  get baseTimestamp(): bigint {
    return this.buffer.readBigInt64BE(this.start + 27);
  }

  get maxTimestamp(): bigint {
    return this.buffer.readBigInt64BE(this.start + 35);
  }

  get producerId(): bigint {
    return this.buffer.readBigInt64BE(this.start + 43);
  }

  /** Exclusive: the first offset after the batch, whether its last records are still stored or not. */
  get nextOffset(): bigint {
    return this.lastOffset + 1n;
  }

  get codec(): number {
    return this.attributes & 0b111;
  }

  get timestampType(): TimestampType {
    return (this.attributes & 0b1000) === 0 ? "CreateTime" : "LogAppendTime";
  }

  get isTransactional(): boolean {
    return (this.attributes & 0b1_0000) !== 0;
  }

  get isControl(): boolean {
    return (this.attributes & 0b10_0000) !== 0;
  }

  /** Whether every offset that the batch spans has its record. */
  get isDense(): boolean {
    return this.recordCount === this.lastOffsetDelta + 1;
  }

  /** Throws CorruptRecordError unless the checksum and the header's own numbers hold; once they do, it costs nothing. */
  verify(): void {
    if (this.#isVerified) {
      return;
    }
    const stored = this.buffer.readUInt32BE(this.start + 17);
    const computed = crc32c(this.buffer.subarray(this.start + CRC_START, this.end));
    if (stored !== computed) {
      throw new CorruptRecordError(
        `the batch at offset ${this.baseOffset} has checksum ${hex(computed)}, its header says ${hex(stored)}`,
      );
    }
    const { lastOffsetDelta, recordCount, baseOffset } = this;
    if (baseOffset < 0n || lastOffsetDelta < 0 || recordCount < 0 || recordCount > lastOffsetDelta + 1) {
      throw new CorruptRecordError(
        `the batch at offset ${baseOffset} claims ${recordCount} records in ${lastOffsetDelta + 1} offsets`,
      );
    }
    this.#isVerified = true;
  }
}

/**
 * The whole batches in a fetch's records, unverified; a batch that was cut off at
 * the end is left out. Throws CorruptRecordError for a format other than magic 2.
 */
export function readBatchHeaders(records: Buffer): BatchHeader[] {
  const headers: BatchHeader[] = [];
  for (let start = 0; records.length - start >= HEADER_BYTES; ) {
    requireMagic2(records, start);
    const end = start + LENGTH_PREFIX_BYTES + records.readInt32BE(start + 8);
    if (end - start < HEADER_BYTES) {
      throw new CorruptRecordError(`a record batch of ${end - start} bytes is shorter than its header`);
    }
    if (end > records.length) {
      break;
    }
    headers.push(new BatchHeader(records, start, end));
    start = end;
  }
  return headers;
}

function requireMagic2(records: Buffer, start: number): void {
  const magic = records.readInt8(start + 16);
  if (magic === 2) {
    return;
  }
  const offset = records.readBigInt64BE(start);
  throw new CorruptRecordError(
    magic === 0 || magic === 1
      ? `offset ${offset} is stored in message format v${magic}, which only Kafka before 0.11 wrote; rewrite the topic to read it`
      : `offset ${offset} is stored in the unknown message format ${magic}`,
  );
}

function hex(checksum: number): string {
  return `0x${checksum.toString(16).padStart(8, "0")}`;
}
