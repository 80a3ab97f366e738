const INITIAL_BYTES = 256;

/** Writes Kafka's flexible protocol types into a growing buffer. */
export class WireWriter {
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = 0;

  /** What was written so far, as a view. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int8(value: number): this {
    const at = this.#grow(1);
    this.#buffer.writeInt8(value, at);
    return this;
  }

  int16(value: number): this {
    const at = this.#grow(2);
    this.#buffer.writeInt16BE(value, at);
    return this;
  }

  int32(value: number): this {
    const at = this.#grow(4);
    this.#buffer.writeInt32BE(value, at);
    return this;
  }

  int64(value: bigint): this {
    const at = this.#grow(8);
    this.#buffer.writeBigInt64BE(value, at);
    return this;
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(value: number): this {
    let rest = value;
    while (rest >= 0x80) {
      const at = this.#grow(1);
      this.#buffer.writeUInt8((rest & 0x7f) | 0x80, at);
      rest = Math.floor(rest / 0x80);
    }
    const at = this.#grow(1);
    this.#buffer.writeUInt8(rest, at);
    return this;
  }

  /** A UUID given in its text form. */
  uuid(value: string): this {
    return this.bytes(Buffer.from(value.replaceAll("-", ""), "hex"));
  }

  string(value: string): this {
    const bytes = Buffer.from(value, "utf8");
    return this.uvarint(bytes.length + 1).bytes(bytes);
  }

  /** Null is written as absent. */
  nullableString(value: string | null): this {
    return value === null ? this.uvarint(0) : this.string(value);
  }

  /** With their length in front. */
  sizedBytes(value: Uint8Array): this {
    return this.uvarint(value.length + 1).bytes(value);
  }

  bytes(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
    return this;
  }

  /** A compact array; null is written as absent. */
  array<Element>(elements: readonly Element[] | null, writeElement: (element: Element) => void): this {
    this.uvarint(elements === null ? 0 : elements.length + 1);
    for (const element of elements ?? []) {
      writeElement(element);
    }
    return this;
  }

  /** No tagged fields. */
  tags(): this {
    return this.uvarint(0);
  }

  /** Returns where the next `length` bytes go. */
  #grow(length: number): number {
    const start = this.#length;
    this.#length += length;
    if (this.#length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, start);
      this.#buffer = larger;
    }
    return start;
  }
}
