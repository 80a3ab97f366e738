import { ConfigurationError } from "../core/errors.ts";

/** The bytes of a store, from the first to the last; what is not there is an error that names the store. */
export class StoreBytes {
  readonly #bytes: Buffer;
  readonly #what: string;
  #position = 0;

  constructor(bytes: Buffer, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get left(): number {
    return this.#bytes.length - this.#position;
  }

  uint32(): number {
    return this.take(4).readUInt32BE();
  }

  /** Behind its length in two bytes. */
  text(): string {
    return this.take(this.take(2).readUInt16BE()).toString("utf8");
  }

  skip(length: number): void {
    this.take(length);
  }

  /** A view, not a copy. */
  take(length: number): Buffer {
    if (length > this.left) {
      throw this.error("ends too early");
    }
    this.#position += length;
    return this.#bytes.subarray(this.#position - length, this.#position);
  }

  error(problem: string): ConfigurationError {
    return new ConfigurationError(`${this.#what} cannot be read as a JKS store: it ${problem}`);
  }
}
