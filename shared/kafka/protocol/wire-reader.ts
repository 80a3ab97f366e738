/** Thrown where a response ends before it should, or says what it cannot mean. */
export class WireError extends Error {
  override readonly name = "WireError";
}

/** Reads Kafka's flexible protocol types from a buffer, front to back. Byte fields are views, not copies. */
export class WireReader {
  readonly buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get remaining(): number {
    return this.buffer.length - this.position;
  }

  boolean(): boolean {
    return this.buffer.readInt8(this.#advance(1)) !== 0;
  }

  int16(): number {
    return this.buffer.readInt16BE(this.#advance(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.#advance(4));
  }

  int64(): bigint {
    return this.buffer.readBigInt64BE(this.#advance(8));
  }

  /** An unsigned varint of at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift <= 28; shift += 7) {
      const byte = this.buffer.readUInt8(this.#advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
    throw new WireError(`an unsigned varint exceeds 5 bytes at ${this.position}`);
  }

  /** A UUID in its lower-case text form. */
  uuid(): string {
    const hex = this.bytes(16).toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  string(): string {
    return this.nullableString() ?? "";
  }

  nullableString(): string | null {
    return this.nullableBytes()?.toString("utf8") ?? null;
  }

  /** A view, or null. */
  nullableBytes(): Buffer | null {
    const length = this.uvarint() - 1;
    return length < 0 ? null : this.bytes(length);
  }

  /** A view of the next `length` bytes. */
  bytes(length: number): Buffer {
    const start = this.#advance(length);
    return this.buffer.subarray(start, start + length);
  }

  /** Elements of a compact array; an absent one is empty. */
  array<Element>(readElement: () => Element): Element[] {
    const count = this.uvarint() - 1;
    const elements: Element[] = [];
    for (let index = 0; index < count; index++) {
      elements.push(readElement());
    }
    return elements;
  }

  skipTags(): void {
    this.tags(() => undefined);
  }

  /** Offers each tagged field to `readField`, which may read it or leave it. */
  tags(readField: (tag: number) => void): void {
    for (let left = this.uvarint(); left > 0; left--) {
      const tag = this.uvarint();
      const size = this.uvarint();
      const end = this.#advance(size) + size;
      this.position = end - size;
      readField(tag);
      this.position = end;
    }
  }

  /** Returns where the next `length` bytes begin, and moves past them. */
  #advance(length: number): number {
    const start = this.position;
    if (length > this.buffer.length - start) {
      throw new WireError(`${length} bytes are wanted at ${start} of ${this.buffer.length}`);
    }
    this.position = start + length;
    return start;
  }
}
