// Encode batch
//
// One transactional record batch of magic 2; its header stands in records/batch-header.ts, a
// record in records/lazy-record.ts.

import { HEADER_BYTES } from "../records/batch-header.ts";
import { crc32c } from "../records/crc32c.ts";
import { CODECS, type OutputCompression } from "./encoding/compress.ts";
import { VarintWriter } from "./encoding/varint-writer.ts";
import type { BufferSlice, RecordBuffer } from "./record-buffer.ts";

const LENGTH_PREFIX_BYTES = 12;
const CRC_START = 21;
const MAGIC = 2;
const TRANSACTIONAL = 0b1_0000;
const NO_LEADER_EPOCH = -1;
const MAX_SEQUENCE = 2 ** 31;

export interface BatchOrigin {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** How many records the producer has written to the partition before; what is left of it by 2^31 is written. */
  readonly sequence: number;
  readonly compression: OutputCompression;
}

export async function encodeBatch(
  records: RecordBuffer,
  slice: BufferSlice,
  { producerId, producerEpoch, sequence, compression }: BatchOrigin,
): Promise<Buffer> {
  const { from, until } = slice;
  const codec = CODECS[compression];
  const payload = await codec.compress(encodeRecords(records, slice));
  const batch = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  batch.writeBigInt64BE(0n, 0);
  batch.writeInt32BE(batch.length - LENGTH_PREFIX_BYTES, 8);
  batch.writeInt32BE(NO_LEADER_EPOCH, 12);
  batch.writeInt8(MAGIC, 16);
  batch.writeInt16BE(codec.number | TRANSACTIONAL, 21);
  batch.writeInt32BE(until - from - 1, 23);
  batch.writeBigInt64BE(records.timestampAt(from), 27);
  batch.writeBigInt64BE(largestTimestamp(records, slice), 35);
  batch.writeBigInt64BE(producerId, 43);
  batch.writeInt16BE(producerEpoch, 51);
  batch.writeInt32BE(sequence % MAX_SEQUENCE, 53);
  batch.writeInt32BE(until - from, 57);
  payload.copy(batch, HEADER_BYTES);
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_START)), 17);
  return batch;
}

function encodeRecords(records: RecordBuffer, { from, until }: BufferSlice): Buffer {
  const writer = new VarintWriter();
  const head = new VarintWriter();
  const baseTimestamp = records.timestampAt(from);
  for (let record = from; record < until; record++) {
    const headStart = head.length;
    head.byte(0); // Attributes: none are defined.
    head.varlong(records.timestampAt(record) - baseTimestamp);
    head.varint(record - from);
    const tail = records.tailAt(record);
    writer.varint(head.length - headStart + tail.length);
    writer.bytes(head.view(headStart, head.length));
    writer.bytes(tail);
  }
  return writer.view(0, writer.length);
}

function largestTimestamp(records: RecordBuffer, { from, until }: BufferSlice): bigint {
  let largest = records.timestampAt(from);
  for (let record = from + 1; record < until; record++) {
    const timestamp = records.timestampAt(record);
    if (timestamp > largest) {
      largest = timestamp;
    }
  }
  return largest;
}
