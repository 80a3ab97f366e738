import { MAX_RESPONSE_BYTES } from "../limits.ts";

const SIZE_BYTES = 4;

/** Takes the beginning of a frame; what comes with the size is copied, the rest of a frame is not. */
const HEAD_BYTES = 4_096;

/**
 * Receives a connection's response frames (a 32-bit size, then as many bytes), the
 * socket writing each of them into a buffer of its own: no byte of a long frame is
 * copied. A size that cannot be one ends it.
 */
export class FrameReceiver {
  readonly #onFrame: (frame: Buffer) => void;
  readonly #head = Buffer.allocUnsafeSlow(HEAD_BYTES);
  /** Bytes at the start of `#head` that belong to no frame yet. */
  #headBytes = 0;
  /** The frame that is being received, with its size in front. */
  #frame: Buffer | undefined;
  #frameBytes = 0;

  /** The frames are given with their sizes in front; nobody else holds or changes them. */
  constructor(onFrame: (frame: Buffer) => void) {
    this.#onFrame = onFrame;
  }

  /** Where the next bytes from the socket go; never empty. */
  get room(): Buffer {
    return this.#frame === undefined ? this.#head.subarray(this.#headBytes) : this.#frame.subarray(this.#frameBytes);
  }

  /** Takes note of so many bytes in `room`. Says what is wrong with the frame that they begin. */
  accept(length: number): string | undefined {
    if (this.#frame === undefined) {
      this.#headBytes += length;
      return this.#takeHead();
    }
    this.#frameBytes += length;
    this.#finishFrame(this.#frame);
    return undefined;
  }

  /** Moves what is in the head into the frames that it begins. */
  #takeHead(): string | undefined {
    let start = 0;
    while (this.#headBytes - start >= SIZE_BYTES) {
      const size = this.#head.readInt32BE(start);
      if (size < SIZE_BYTES || size > MAX_RESPONSE_BYTES) {
        return `answered with a frame of ${size} bytes, which is not from ${SIZE_BYTES} to ${MAX_RESPONSE_BYTES}`;
      }
      // Not from Node's shared pool: whoever keeps a view holds this frame in memory and nothing else.
      const frame = Buffer.allocUnsafeSlow(SIZE_BYTES + size);
      this.#frameBytes = this.#head.copy(frame, 0, start, this.#headBytes);
      start += this.#frameBytes;
      this.#frame = frame;
      this.#finishFrame(frame);
    }
    this.#head.copyWithin(0, start, this.#headBytes);
    this.#headBytes -= start;
    return undefined;
  }

  #finishFrame(frame: Buffer): void {
    if (this.#frameBytes === frame.length) {
      this.#frame = undefined;
      this.#onFrame(frame);
    }
  }
}
