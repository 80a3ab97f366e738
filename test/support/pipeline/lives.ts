// Lives: a processor that dies at chosen steps of its store or its ledger, and is tried again until its ranges are done.

import { expect } from "vitest";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ProcessorBench } from "./processor-bench.ts";
import type { OnStep } from "./stores.ts";

class DeathError extends Error {}

/** Dies at the given steps of its lives, and does nothing more once it is dead. */
export class Lives {
  #isDead = false;
  #steps = 0;
  readonly #diesAt: number[];

  constructor(diesAt: readonly number[]) {
    this.#diesAt = [...diesAt];
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  readonly step: OnStep = () => {
    this.requireLife();
    this.#steps += 1;
    if (this.#steps === this.#diesAt[0]) {
      this.#isDead = true;
      throw new DeathError("the processor died");
    }
  };

  requireLife(): void {
    if (this.#isDead) {
      throw new DeathError("the processor is dead");
    }
  }

  begin(): void {
    if (this.#isDead) {
      this.#diesAt.shift();
    }
    this.#isDead = false;
    this.#steps = 0;
  }
}

export function mortalLedger(ledger: RangeLedger<string>, lives: Lives): RangeLedger<string> {
  return {
    ...ledger,
    changeRange: async (seen, event) => {
      lives.step(`before ${event.kind}`);
      const outcome = await ledger.changeRange(seen, event);
      lives.step(`after ${event.kind}`);
      return outcome;
    },
    splitRange: async (seen, split) => {
      lives.requireLife();
      return ledger.splitRange(seen, split);
    },
  };
}

/** How many attempts it took. */
export async function runToEnd(bench: ProcessorBench, lives: Lives, attempt: () => Promise<unknown>): Promise<number> {
  let attempts = 0;
  while (bench.ledger.all().some(({ status }) => status !== "COMPLETED")) {
    attempts += 1;
    expect(attempts).toBeLessThan(20);
    lives.begin();
    try {
      await attempt();
    } catch (error) {
      expect(error).toBeInstanceOf(DeathError);
    }
    bench.clock.advance(3_600_000);
  }
  return attempts;
}
