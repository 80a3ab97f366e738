// Zigzag varints of the record layer
//
// Lengths and offset deltas are 32 bits wide, timestamp deltas 64. Nearly all are
// one or two bytes long; only the longest need more than a double's 53 bits.

import { CorruptRecordError } from "../../core/errors.ts";

const MAX_VARLONG_BYTES = 10;

/** Reads record fields front to back, within [position, end) of a buffer. */
export class VarintReader {
  readonly buffer: Buffer;
  position: number;

  constructor(buffer: Buffer, position: number) {
    this.buffer = buffer;
    this.position = position;
  }

  /** A signed 32-bit varint. Past the end of the buffer it reads as malformed. */
  varint(): number {
    const byte = this.buffer[this.position++] as number; // Undefined past the end, which is not below 0x80.
    if (byte < 0x80) {
      return (byte >>> 1) ^ -(byte & 1);
    }
    const next = this.buffer[this.position] as number;
    if (next < 0x80) {
      this.position += 1;
      const value = (byte & 0x7f) | (next << 7);
      return (value >>> 1) ^ -(value & 1);
    }
    return this.#longVarint(byte);
  }

  /** A signed 64-bit varint. */
  varlong(): bigint {
    const start = this.position;
    this.skipVarlong();
    let value = 0n;
    for (let index = this.position - 1; index >= start; index--) {
      value = (value << 7n) | BigInt(this.buffer.readUInt8(index) & 0x7f);
    }
    value = BigInt.asUintN(64, value);
    return (value >> 1n) ^ -(value & 1n);
  }

  skipVarlong(): void {
    const start = this.position;
    while ((this.buffer[this.position++] as number) >= 0x80) {
      // A byte with its high bit set has a successor; past the end the comparison fails.
    }
    if (this.position - start > MAX_VARLONG_BYTES || this.position > this.buffer.length) {
      throw malformed(start);
    }
  }

  #longVarint(first: number): number {
    const start = this.position - 1;
    let value = first & 0x7f;
    for (let shift = 7; shift <= 28; shift += 7) {
      const byte = this.buffer[this.position++] as number; // Undefined past the end: no number compares.
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw malformed(start);
  }
}

function malformed(position: number): CorruptRecordError {
  return new CorruptRecordError(`a varint is malformed at byte ${position} of its record batch`);
}
