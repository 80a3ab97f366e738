// Network
//
// Carries every call of an actor to what answers it. A call is two events, its
// request and its answer, and the seed decides at each what becomes of it: the
// actor dies or freezes there, the request or the answer gets lost, or the request
// arrives long after its sender gave it up.

import type { Actor, World } from "./world.ts";

/** How often what goes wrong, per call; each from 0 to 1. */
export interface FaultRates {
  readonly die: number;
  readonly freeze: number;
  readonly lostRequest: number;
  readonly lostAnswer: number;
  readonly lateRequest: number;
  readonly slow: number;
  readonly throttle: number;
}

export const NO_FAULTS: FaultRates = {
  die: 0,
  freeze: 0,
  lostRequest: 0,
  lostAnswer: 0,
  lateRequest: 0,
  slow: 0,
  throttle: 0,
};

export interface Call<Result> {
  readonly what: string;
  /** When the caller stops waiting. */
  readonly timeoutMs: number;
  /** Takes effect when the request arrives; what it throws is the answer. */
  readonly apply: () => Result;
  /** What the caller sees when its time is up. */
  readonly timeOut: () => Error;
}

const LATENCY_MS = 8;
const SLOW_MS = 6_000;
const LATE_MS = 90_000;
/** How long anything outlives its invocation: far less than the table's retention, as with Lambda's time-outs. */
const MAX_AFTERLIFE_MS = 300_000;
const SHORT_FREEZE_MS = 10_000;
/** Beyond a lease. */
const LONG_FREEZE_MS = 120_000;

export class Network {
  readonly #world: World;
  rates: FaultRates;

  constructor(world: World, rates: FaultRates) {
    this.#world = world;
    this.rates = rates;
  }

  async call<Result>(actor: Actor, { what, timeoutMs, apply, timeOut }: Call<Result>): Promise<Result> {
    await this.#mayStop(actor, `before ${what}`);
    const fault = this.#drawFault();
    if (fault === "lostRequest" || fault === "lateRequest") {
      this.#note(actor, fault, what);
      if (fault === "lateRequest") {
        this.#world.after(timeoutMs + Math.min(this.#world.interval(LATE_MS), MAX_AFTERLIFE_MS), () =>
          this.#applyUnheard(actor, what, apply),
        );
      }
      await this.#world.pause(timeoutMs, actor);
      throw timeOut();
    }
    const outcome = await this.#apply(actor, what, apply);
    if (fault === "lostAnswer") {
      this.#note(actor, fault, what);
      await this.#world.pause(timeoutMs, actor);
      throw timeOut();
    }
    await this.#mayStop(actor, `after ${what}`);
    if (this.rates !== NO_FAULTS) {
      await this.#world.pause(this.#latency(), actor);
    }
    if ("error" in outcome) {
      throw outcome.error;
    }
    return outcome.result;
  }

  /** A request that is on its way arrives, whatever becomes of its sender. */
  #apply<Result>(actor: Actor, what: string, apply: () => Result): Promise<Outcome<Result>> {
    const { promise, resolve } = Promise.withResolvers<Outcome<Result>>();
    this.#world.after(this.#latency(), () => {
      const outcome = attempt(apply);
      this.#world.log(actor.name, "error" in outcome ? `${what}: ${nameOf(outcome.error)}` : what);
      resolve(outcome);
    });
    return promise;
  }

  #applyUnheard(actor: Actor, what: string, apply: () => unknown): void {
    attempt(apply);
    this.#world.log(actor.name, `${what}, late`);
  }

  async #mayStop(actor: Actor, where: string): Promise<void> {
    if (this.#world.chance(this.rates.die)) {
      this.kill(actor, where);
    }
    if (actor.isKilled) {
      await Promise.withResolvers<never>().promise;
    }
    if (this.#world.chance(this.rates.freeze)) {
      this.freeze(actor, where);
    }
    if (actor.frozenUntil > this.#world.now) {
      await this.#world.pause(0, actor);
    }
  }

  kill(actor: Actor, where: string): void {
    actor.isKilled = true;
    this.#note(actor, "die", where);
  }

  freeze(actor: Actor, where: string): void {
    const thawsAt = this.#world.now + this.#world.interval(this.#world.choose(SHORT_FREEZE_MS, LONG_FREEZE_MS));
    actor.frozenUntil = Math.min(thawsAt, actor.endsAt + MAX_AFTERLIFE_MS);
    this.#note(actor, "freeze", where);
  }

  #drawFault(): "none" | "lostRequest" | "lostAnswer" | "lateRequest" {
    const { lostRequest, lostAnswer, lateRequest } = this.rates;
    const drawn = this.#world.random();
    if (drawn < lostRequest) {
      return "lostRequest";
    }
    if (drawn < lostRequest + lostAnswer) {
      return "lostAnswer";
    }
    return drawn < lostRequest + lostAnswer + lateRequest ? "lateRequest" : "none";
  }

  #latency(): number {
    return this.#world.interval(this.#world.chance(this.rates.slow) ? SLOW_MS : LATENCY_MS);
  }

  #note(actor: Actor, fault: keyof FaultRates, where: string): void {
    this.#world.trace.count(`fault ${fault}`);
    this.#world.log(actor.name, `${fault}: ${where}`);
  }
}

type Outcome<Result> = { readonly result: Result } | { readonly error: unknown };

function attempt<Result>(apply: () => Result): Outcome<Result> {
  try {
    return { result: apply() };
  } catch (error) {
    return { error };
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
