// Block memory
//
// Blocks of one size that are used again. Blocks that are new each time would be garbage by the gigabyte,
// which a small function collects too late, or all the time.
//
//   BLM1  A block has one owner at a time: whoever took it, until it is given back.

export interface BlockMemoryOptions {
  readonly blockBytes: number;
  /** How many are kept while nobody has them. */
  readonly maxKept: number;
}

export class BlockMemory {
  readonly blockBytes: number;
  readonly #maxKept: number;
  readonly #kept: Buffer[] = [];

  constructor({ blockBytes, maxKept }: BlockMemoryOptions) {
    this.blockBytes = blockBytes;
    this.#maxKept = maxKept;
  }

  /** With whatever it held last. */
  take(): Buffer {
    return this.#kept.pop() ?? Buffer.allocUnsafeSlow(this.blockBytes);
  }

  /** What nobody reads or writes any more. */
  giveBack(blocks: readonly Buffer[]): void {
    this.#kept.push(...blocks.slice(0, this.#maxKept - this.#kept.length));
  }
}
