// Request queue
//
// The requests on one connection. Each has a number, by which its answer is known; requests are
// sent in the order in which they are asked, and what is asked while the broker throttles the
// connection is sent once that is over (KIP-219).

/** The first byte behind the header of a flexible request: no tagged fields. */
const NO_HEADER_TAGS = 0;

const MAX_CORRELATION_ID = 0x7fff_ffff;

export interface QueuedRequest {
  readonly apiKey: number;
  readonly apiVersion: number;
  /** Whether its header may have tagged fields: of those that open a connection it may not. */
  readonly hasTags: boolean;
  readonly body: Buffer;
}

export class RequestQueue {
  readonly #clientId: Buffer;
  readonly #write: (bytes: Buffer) => void;
  readonly #asked = new Map<number, (payload: Buffer) => void>();
  #held: (() => void)[] = [];
  #lastId = 0;
  #throttledUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(clientId: string, write: (bytes: Buffer) => void) {
    this.#clientId = Buffer.from(clientId);
    this.#write = write;
  }

  /** How long a request that is asked now is not sent yet, in ms. */
  get heldBackMs(): number {
    return Math.max(0, this.#throttledUntil - Date.now());
  }

  /** The answer behind its number; without one it never settles, and whoever waits has a deadline. */
  ask(request: QueuedRequest): Promise<Buffer> {
    const { promise, resolve } = Promise.withResolvers<Buffer>();
    this.#lastId = this.#lastId === MAX_CORRELATION_ID ? 1 : this.#lastId + 1;
    const id = this.#lastId;
    if (!this.#isClosed) {
      this.#held.push(() => {
        this.#asked.set(id, resolve);
        this.#write(this.#frameOf(id, request));
      });
      this.#send();
    }
    return promise;
  }

  /** A whole response, with its size in front. What answers nothing that was asked is passed over. */
  take(frame: Buffer): void {
    const id = frame.readInt32BE(4);
    const resolve = this.#asked.get(id);
    this.#asked.delete(id);
    resolve?.(frame.subarray(8));
  }

  throttle(throttleTimeMs: number): void {
    if (throttleTimeMs > 0) {
      this.#throttledUntil = Math.max(this.#throttledUntil, Date.now() + throttleTimeMs);
    }
  }

  /** Nothing is sent any more, also not what a mechanism still asks in the middle of an authentication. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#held = [];
    this.#asked.clear();
  }

  #send(): void {
    const { heldBackMs } = this;
    if (heldBackMs > 0) {
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#send();
      }, heldBackMs);
      return;
    }
    for (const send of this.#held.splice(0)) {
      send();
    }
  }

  /** Size, API key, version, number and client id, then the body. */
  #frameOf(id: number, { apiKey, apiVersion, hasTags, body }: QueuedRequest): Buffer {
    const clientId = this.#clientId;
    const head = Buffer.allocUnsafe(14 + clientId.length + (hasTags ? 1 : 0));
    head.writeInt32BE(head.length - 4 + body.length, 0);
    head.writeInt16BE(apiKey, 4);
    head.writeInt16BE(apiVersion, 6);
    head.writeInt32BE(id, 8);
    head.writeInt16BE(clientId.length, 12);
    clientId.copy(head, 14);
    if (hasTags) {
      head.writeInt8(NO_HEADER_TAGS, head.length - 1);
    }
    return Buffer.concat([head, body]);
  }
}
