import { setTimeout as delay } from "node:timers/promises";
import { RangeReadError } from "../../core/errors.ts";
import type { ThrottleMeter } from "../connection/throttle-meter.ts";
import { RETRY_BASE_MS, RETRY_CAP_MS } from "../limits.ts";

export interface Obstacle {
  /** What is waited for, as a part of a sentence. */
  readonly why: string;
  readonly cause?: unknown;
}

/**
 * Bounds the tries of one step: jittered pauses between them, and an end to them all. A broker that throttles is alive,
 * and says when to go on: the time begins anew with what it answers.
 */
export class ProgressClock {
  readonly #what: string;
  readonly #timeoutMs: number;
  readonly #throttle: ThrottleMeter;
  #startedAt = performance.now();
  /** As it was when the time began. */
  #throttleTimeMs: number;
  #pauses = 0;

  constructor(what: string, timeoutMs: number, throttle: ThrottleMeter) {
    this.#what = what;
    this.#timeoutMs = timeoutMs;
    this.#throttle = throttle;
    this.#throttleTimeMs = throttle.totalMs;
  }

  /** Throws RangeReadError that says what was waited for, once the time is used up. */
  check({ why, cause }: Obstacle): void {
    if (this.#throttle.totalMs > this.#throttleTimeMs) {
      this.#throttleTimeMs = this.#throttle.totalMs;
      this.#startedAt = performance.now();
      return;
    }
    if (performance.now() - this.#startedAt >= this.#timeoutMs) {
      // The reason first: the ledger keeps the beginning of a message, and knows the range anyway.
      throw new RangeReadError(`${why} (${this.#what} made no progress within ${this.#timeoutMs} ms)`, { cause });
    }
  }

  /** Full jitter: uniform in [0, min(cap, base * 2^pauses)). Ends at once with the signal's reason. */
  async pause(obstacle: Obstacle, signal?: AbortSignal): Promise<void> {
    this.check(obstacle);
    const ceiling = Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** this.#pauses);
    this.#pauses += 1;
    try {
      await delay(Math.random() * ceiling, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}
