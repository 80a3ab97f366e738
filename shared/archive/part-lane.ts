import { MAX_PARTS_IN_FLIGHT } from "./format/limits.ts";

/** Lets so many parts at once be under way, of all objects of an attempt; others wait in their order. */
export class PartLane {
  #free = MAX_PARTS_IN_FLIGHT;
  readonly #waiting: (() => void)[] = [];

  async run<Result>(send: () => Promise<Result>): Promise<Result> {
    if (this.#free === 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.push(resolve);
      await promise;
    } else {
      this.#free -= 1;
    }
    try {
      return await send();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) {
        this.#free += 1;
      } else {
        next();
      }
    }
  }

  /** Undefined while another part would be under way at once. */
  whenFree(): Promise<void> | undefined {
    return this.#free > 0 ? undefined : this.run(() => Promise.resolve());
  }
}
