// Block encoder
//
// Content as a row of texts: what each record becomes is copied behind the one before, and
// full blocks are digested and compressed. Blocks end at the same bytes however the records came.

import { createHash } from "node:crypto";
import type { ContentDigest, ContentSink, ObjectEncoder } from "../format/archive-format.ts";
import type { ArchiveRecord } from "../format/archive-record.ts";
import type { BlockMemory } from "../format/block-memory.ts";
import { BLOCK_BYTES, FIRST_BLOCK_BYTES } from "../format/limits.ts";
import { COMPRESSOR_BYTES, type CompressionOptions, type Compressor, openCompressor } from "./compressors.ts";

export interface BlockEncoderOptions extends CompressionOptions {
  /** What stands behind each record. */
  readonly separator: Buffer;
  /** Throws InvalidOutputError for a record that cannot be one. */
  readonly textOf: (record: ArchiveRecord) => Uint8Array;
  /** Of BLOCK_BYTES each. */
  readonly memory: BlockMemory;
}

export class BlockEncoder implements ObjectEncoder {
  readonly #options: BlockEncoderOptions;
  readonly #sink: ContentSink;
  readonly #digest = createHash("sha256");
  #compressor: Compressor | undefined;
  #block: Buffer = Buffer.allocUnsafeSlow(FIRST_BLOCK_BYTES);
  /** The block before, while it is compressed. */
  #compressing: Promise<void> | undefined;
  #length = 0;
  #records = 0;

  constructor(options: BlockEncoderOptions, sink: ContentSink) {
    this.#options = options;
    this.#sink = sink;
  }

  get bufferedBytes(): number {
    const ofCompressor = this.#compressor === undefined ? 0 : COMPRESSOR_BYTES[this.#options.compression];
    return this.#block.length + (this.#compressing === undefined ? 0 : BLOCK_BYTES) + ofCompressor;
  }

  check(record: ArchiveRecord): void {
    this.#options.textOf(record);
  }

  add(record: ArchiveRecord): Promise<void> | undefined {
    const { textOf, separator } = this.#options;
    const text = textOf(record);
    this.#records += 1;
    const bytes = text.length + separator.length;
    if (this.#length + bytes <= this.#block.length) {
      this.#length = copyTo(this.#block, this.#length, text, separator);
      return undefined;
    }
    return this.#append([text, separator]);
  }

  spill(): Promise<void> {
    return Promise.resolve();
  }

  async finish(): Promise<ContentDigest> {
    await this.#emit(this.#length);
    await this.#compressing;
    await this.#compressor?.finish();
    return { records: this.#records, sha256: this.#digest.digest("base64") };
  }

  destroy(): void {
    this.#compressor?.destroy();
  }

  /** Text that may go beyond the block, or beyond several. */
  #append(texts: readonly Uint8Array[]): Promise<void> | undefined {
    const waits: Promise<void>[] = [];
    for (const text of texts) {
      for (let done = 0; done < text.length; ) {
        const wait = this.#makeRoom(text.length - done);
        if (wait !== undefined) {
          waits.push(wait);
        }
        const taken = Math.min(text.length - done, this.#block.length - this.#length);
        this.#block.set(text.subarray(done, done + taken), this.#length);
        this.#length += taken;
        done += taken;
      }
    }
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  /** A larger block, until it has its full size; then an empty one. */
  #makeRoom(bytes: number): Promise<void> | undefined {
    const { length } = this.#block;
    if (this.#length + bytes > length && length < BLOCK_BYTES) {
      const size = Math.min(BLOCK_BYTES, Math.max(2 * length, this.#length + bytes));
      const larger = size === BLOCK_BYTES ? this.#options.memory.take() : Buffer.allocUnsafeSlow(size);
      this.#block.copy(larger, 0, 0, this.#length);
      this.#block = larger;
    }
    if (this.#length < this.#block.length) {
      return undefined;
    }
    const wait = this.#emit(this.#length);
    this.#block = this.#options.memory.take();
    this.#length = 0;
    return wait;
  }

  /** Asks to wait for the block before, so that one is compressed while another is filled. */
  #emit(bytes: number): Promise<void> | undefined {
    const block = this.#block;
    const content = block.subarray(0, bytes);
    this.#digest.update(content);
    this.#compressor ??= openCompressor(this.#options, this.#sink);
    const before = this.#compressing;
    const written = bytes === 0 ? undefined : this.#compressor.write(content);
    if (written === undefined) {
      this.#giveBack(block);
      return before;
    }
    const compressing = written.then(() => {
      this.#giveBack(block);
      if (this.#compressing === compressing) {
        this.#compressing = undefined;
      }
    });
    // Whoever waits for it, or finishes, hears of a failure.
    compressing.catch(() => {});
    this.#compressing = compressing;
    return before;
  }

  #giveBack(block: Buffer): void {
    if (block.length === BLOCK_BYTES) {
      this.#options.memory.giveBack([block]);
    }
  }
}

function copyTo(block: Buffer, at: number, text: Uint8Array, separator: Buffer): number {
  block.set(text, at);
  let end = at + text.length;
  for (const byte of separator) {
    block[end] = byte;
    end += 1;
  }
  return end;
}
