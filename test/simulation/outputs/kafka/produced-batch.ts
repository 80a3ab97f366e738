// Produced batch
//
// A transactional record batch as a partition's leader reads it: by the grammar, sharing
// nothing with the code that wrote it.

import type { OutputRow } from "../simulated-output.ts";

export interface ProducedBatch {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Of the first record. */
  readonly sequence: number;
  readonly rows: readonly OutputRow[];
}

const HEADER_BYTES = 61;
const TRANSACTIONAL = 0b1_0000;
const CODEC = 0b111;

/** Throws for a batch of another kind, and for records that are no rows. */
export function readProducedBatch(batch: Uint8Array): ProducedBatch {
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.byteLength);
  const attributes = bytes.readInt16BE(21);
  if ((attributes & TRANSACTIONAL) === 0 || (attributes & CODEC) !== 0) {
    throw new Error(`the simulated brokers take no batch with attributes ${attributes}`);
  }
  const records = new RecordCursor(bytes, HEADER_BYTES);
  return {
    producerId: bytes.readBigInt64BE(43),
    producerEpoch: bytes.readInt16BE(51),
    sequence: bytes.readInt32BE(53),
    rows: Array.from({ length: bytes.readInt32BE(57) }, () => records.row()),
  };
}

class RecordCursor {
  readonly #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Length, attributes, two differences, a key that is no part of the row, value and headers. */
  row(): OutputRow {
    this.#varint();
    this.#at += 1;
    this.#varint();
    this.#varint();
    this.#text();
    const value = this.#text() ?? "";
    const headers = Object.fromEntries(
      Array.from({ length: this.#varint() }, () => [this.#text() ?? "", this.#text() ?? ""] as const),
    );
    const { chain, offset } = headers;
    if (chain === undefined || offset === undefined) {
      throw new Error(`${value} has no chain and offset`);
    }
    return { chain, offset: BigInt(offset), value };
  }

  #text(): string | undefined {
    const length = this.#varint();
    if (length < 0) {
      return undefined;
    }
    this.#at += length;
    return this.#bytes.toString("utf8", this.#at - length, this.#at);
  }

  /** Zigzag. */
  #varint(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.#at);
      this.#at += 1;
      value += (byte & 127) * factor;
      if (byte < 128) {
        return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      }
    }
  }
}
