import type { BlockMemory } from "./format/block-memory.ts";

/** A part of an object in the making: copies of pieces, one behind the other, in blocks of memory. */
export class PartContent {
  readonly #memory: BlockMemory;
  #blocks: Buffer[] = [];
  #bytes = 0;

  constructor(memory: BlockMemory) {
    this.#memory = memory;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Of memory, whether it is written to or not. */
  get heldBytes(): number {
    return this.#blocks.length * this.#memory.blockBytes;
  }

  append(piece: Uint8Array): void {
    for (let done = 0; done < piece.length; ) {
      const { block, at } = this.#room();
      const taken = Math.min(piece.length - done, block.length - at);
      block.set(piece.subarray(done, done + taken), at);
      this.#bytes += taken;
      done += taken;
    }
  }

  /** Hands the content over, and is empty afterwards. */
  release(): ReleasedPart {
    const { blockBytes } = this.#memory;
    const blocks = this.#blocks;
    const bytes = this.#bytes;
    this.#blocks = [];
    this.#bytes = 0;
    const pieces = blocks.map((block, index) => block.subarray(0, bytes - index * blockBytes));
    return { bytes, pieces, giveBack: () => this.#memory.giveBack(blocks) };
  }

  /** Where the next bytes go. */
  #room(): { readonly block: Buffer; readonly at: number } {
    const at = this.#bytes % this.#memory.blockBytes;
    const last = at === 0 ? undefined : this.#blocks.at(-1);
    if (last !== undefined) {
      return { block: last, at };
    }
    const block = this.#memory.take();
    this.#blocks.push(block);
    return { block, at };
  }
}

/** The content of a part. */
export interface ReleasedPart {
  readonly bytes: number;
  readonly pieces: readonly Uint8Array[];
  /** Once it was sent, and nobody reads it any more. */
  readonly giveBack: () => void;
}
