import { UndecodableError } from "../core/decode/decode-errors.ts";

/** Reads what stands before a payload, front to back. Throws UndecodableError where the bytes end too early. */
export class FrameReader {
  readonly #bytes: Buffer;
  #position = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** What is not read yet: a view. */
  get rest(): Buffer {
    return this.#bytes.subarray(this.#position);
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  /** Big-endian, unsigned. */
  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** In its lower-case text form. */
  uuid(): string {
    const hex = this.take(16).toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  /** Unsigned, of at most 32 bits. */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new UndecodableError("its frame has a number of more than five bytes");
  }

  /** Signed, of at most 32 bits. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  take(length: number): Buffer {
    const from = this.#position;
    if (this.#bytes.length - from < length) {
      throw new UndecodableError(
        `it ends after ${this.#bytes.length} bytes, in the frame that says which schema it was written with`,
      );
    }
    this.#position += length;
    return this.#bytes.subarray(from, from + length);
  }
}
