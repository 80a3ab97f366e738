// World
//
// The time and the chance of one simulated run. Everything that happens is an event
// at a moment; the seed draws every delay, so it decides who comes next. Nothing in
// here waits for real time, and the same seed makes the same events.

import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createRandom } from "../../local/demo/seeded-random.ts";
import { START } from "../../support/fake-clock.ts";
import { Trace } from "./trace.ts";

/** One invocation of a function: what can die, freeze, and have a clock of its own. */
export interface Actor {
  readonly name: string;
  readonly kind: "scheduler" | "processor" | "operator";
  /** A killed actor hears nothing any more; what it sent before may still arrive. */
  isKilled: boolean;
  /** Until then it neither sends nor hears nor notices time. */
  frozenUntil: number;
  /** How far its host's clock is ahead. */
  skewMs: number;
  /** Whether a write of it was never answered: it cannot know what became of that. */
  isCutOff: boolean;
  readonly startedAt: number;
  /** When its function's time is over. */
  readonly endsAt: number;
}

interface Scheduled {
  readonly due: number;
  readonly order: number;
  readonly actor: Actor | undefined;
  readonly run: () => void;
}

export class World {
  readonly trace = new Trace();
  readonly #random: () => number;
  readonly #actors = new AsyncLocalStorage<Actor>();
  /** By due time, latest first: the next one is popped off the end. */
  readonly #queue: Scheduled[] = [];
  #now = START;
  #order = 0;
  #ids = 0;
  steps = 0;
  /** Runs after every event. */
  afterStep: () => void = () => {};

  constructor(seed: number) {
    this.#random = createRandom(seed);
  }

  get now(): number {
    return this.#now;
  }

  /** Uniform in [0, 1). */
  readonly random = (): number => this.#random();

  chance(probability: number): boolean {
    return probability > 0 && this.#random() < probability;
  }

  /** From 0 to below `limit`. */
  integer(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  pick<Item>(items: readonly Item[]): Item | undefined {
    return items[this.integer(items.length)];
  }

  /** Of an empty list there is nothing to pick: only for lists that cannot be. */
  choose<Item>(...items: readonly [Item, ...Item[]]): Item {
    return items[this.integer(items.length)] ?? items[0];
  }

  /** Exponential around the mean, as between events that do not know of each other. */
  interval(meanMs: number): number {
    return Math.ceil(-Math.log(1 - this.#random()) * meanMs);
  }

  newId(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  newActor(kind: Actor["kind"], { skewMs, lifeMs }: { readonly skewMs: number; readonly lifeMs: number }): Actor {
    this.#ids += 1;
    const endsAt = this.#now + lifeMs;
    return {
      name: `${kind}-${this.#ids}`,
      kind,
      isKilled: false,
      frozenUntil: 0,
      skewMs,
      isCutOff: false,
      startedAt: this.#now,
      endsAt,
    };
  }

  /** What the actor does from here on, its timers included, is its own. */
  runAs<Result>(actor: Actor, run: () => Result): Result {
    return this.#actors.run(actor, run);
  }

  get currentActor(): Actor | undefined {
    return this.#actors.getStore();
  }

  /** An event of the actor dies and freezes with it; one of nobody is the world's. Returns what cancels it. */
  after(ms: number, run: () => void, actor?: Actor): () => void {
    this.#order += 1;
    const scheduled = { due: this.#now + Math.max(Math.ceil(ms), 0), order: this.#order, actor, run };
    this.#insert(scheduled);
    return () => {
      const at = this.#queue.indexOf(scheduled);
      void (at < 0 ? undefined : this.#queue.splice(at, 1));
    };
  }

  /** Resolves after so long in the actor's own time. */
  pause(ms: number, actor?: Actor): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.after(ms, resolve, actor);
    return promise;
  }

  /** Takes the next event at or before `until`, with everything that follows from it at once; false when there is none. */
  async step(until = Number.POSITIVE_INFINITY): Promise<boolean> {
    const next = this.#queue.at(-1);
    if (next === undefined || next.due > until) {
      this.#now = Math.max(this.#now, until === Number.POSITIVE_INFINITY ? this.#now : until);
      return false;
    }
    this.#queue.pop();
    this.#now = Math.max(this.#now, next.due);
    if (next.actor !== undefined && next.actor.frozenUntil > this.#now) {
      this.#insert({ ...next, due: next.actor.frozenUntil });
      return true;
    }
    if (next.actor?.isKilled !== true) {
      this.steps += 1;
      next.run();
      await nextTurn();
      this.afterStep();
    }
    return true;
  }

  log(who: string, what: string): void {
    this.trace.add(this.#now - START, who, what);
  }

  #insert(scheduled: Scheduled): void {
    let at = this.#queue.length;
    while (at > 0 && isLater(this.#queue[at - 1], scheduled) === false) {
      at -= 1;
    }
    this.#queue.splice(at, 0, scheduled);
  }
}

/** Whether `a` comes after `b`. */
function isLater(a: Scheduled | undefined, b: Scheduled): boolean {
  return a !== undefined && (a.due > b.due || (a.due === b.due && a.order > b.order));
}
