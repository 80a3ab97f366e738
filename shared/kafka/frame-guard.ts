import { MAX_RESPONSE_BYTES } from "./limits.ts";

const SIZE_BYTES = 4;

/**
 * Watches a socket's bytes for response frames (a 32-bit size, then as many
 * bytes) whose size cannot be one: kafkajs would wait or loop on them for ever.
 */
export class FrameGuard {
  readonly #size = Buffer.alloc(SIZE_BYTES);
  /** Bytes of the present frame's size that are known. */
  #known = 0;
  /** Bytes of the present frame's body still to come. */
  #left = 0;

  /** Says what is wrong with the frame that the chunk begins or goes on with. */
  accept(chunk: Buffer): string | undefined {
    let position = 0;
    while (position < chunk.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, chunk.length - position);
        this.#left -= taken;
        position += taken;
        continue;
      }
      const copied = chunk.copy(this.#size, this.#known, position);
      this.#known += copied;
      position += copied;
      if (this.#known === SIZE_BYTES) {
        this.#known = 0;
        this.#left = this.#size.readInt32BE(0);
        if (this.#left < SIZE_BYTES || this.#left > MAX_RESPONSE_BYTES) {
          return `answered with a frame of ${this.#left} bytes, which is not from ${SIZE_BYTES} to ${MAX_RESPONSE_BYTES}`;
        }
      }
    }
    return undefined;
  }
}
