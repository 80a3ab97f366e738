// Varint writer
//
// Writes the fields of records in zigzag varints, as records/varint.ts reads them.

const INITIAL_BYTES = 16_384;
const LARGEST_VARLONG_BYTES = 10;
const HALF = 0x8000_0000;

export class VarintWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** A view of what was written; valid until more is. */
  view(start: number, end: number): Buffer {
    return this.#buffer.subarray(start, end);
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A signed 32-bit value. */
  varint(value: number): void {
    this.#reserve(LARGEST_VARLONG_BYTES);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#buffer[this.#length++] = rest;
  }

  /** A signed 64-bit value. Two of them may lie further apart: that is written modulo 2^64, as what Java's longs make of it. */
  varlong(value: bigint): void {
    // Most are small differences of time.
    if (value > -HALF && value < HALF) {
      this.varint(Number(value));
      return;
    }
    this.#reserve(LARGEST_VARLONG_BYTES);
    const signed = BigInt.asIntN(64, value);
    let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n));
    while (rest >= 0x80n) {
      this.#buffer[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#buffer[this.#length++] = Number(rest);
  }

  /** With their length in front; −1 for null. */
  sized(bytes: Uint8Array | null): void {
    this.varint(bytes?.length ?? -1);
    if (bytes !== null) {
      this.bytes(bytes);
    }
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length + bytes, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
  }
}
