// Naive batch decoder
//
// A second decoder of record batches as the oracle: BigInt arithmetic throughout,
// everything decoded at once, no thought of speed, nothing shared with the product.

import { gunzipSync, zstdDecompressSync } from "node:zlib";

export interface NaiveRecord {
  readonly offset: bigint;
  readonly timestamp: bigint;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

/** Every record of every whole batch, in hexadecimal; gzip, zstd and uncompressed only. */
export function decodeNaively(log: Buffer): NaiveRecord[] {
  const result: NaiveRecord[] = [];
  let rest = log;
  while (rest.length >= 12 && rest.length >= 12 + rest.readInt32BE(8)) {
    const batch = rest.subarray(0, 12 + rest.readInt32BE(8));
    result.push(...decodeBatch(batch));
    rest = rest.subarray(batch.length);
  }
  return result;
}

function decodeBatch(batch: Buffer): NaiveRecord[] {
  const attributes = batch.readInt16BE(21);
  let bytes = [...decompress(attributes & 7, batch.subarray(61))];
  const take = (count: number) => {
    const taken = bytes.slice(0, count);
    bytes = bytes.slice(count);
    return taken;
  };
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const [byte = 0] = take(1);
      value += BigInt(byte & 127) << shift;
      if (byte < 128) {
        return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
      }
    }
  };
  const text = () => {
    const length = Number(varint());
    return length < 0 ? null : Buffer.from(take(length)).toString("hex");
  };
  return Array.from({ length: batch.readInt32BE(57) }, () => {
    varint();
    take(1);
    const timestampDelta = varint();
    const offset = batch.readBigInt64BE(0) + varint();
    const isLogAppendTime = (attributes & 8) !== 0;
    const created = BigInt.asIntN(64, batch.readBigInt64BE(27) + timestampDelta);
    const timestamp = isLogAppendTime ? batch.readBigInt64BE(35) : created;
    const [key, value] = [text(), text()];
    const headers = Array.from({ length: Number(varint()) }, () => [text() ?? "", text()] as const);
    return { offset, timestamp, key, value, headers };
  });
}

function decompress(codec: number, bytes: Buffer): Buffer {
  switch (codec) {
    case 0:
      return bytes;
    case 1:
      return gunzipSync(bytes);
    case 4:
      return zstdDecompressSync(bytes);
    default:
      throw new Error(`the naive decoder knows no codec ${codec}`);
  }
}
