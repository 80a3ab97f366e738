import type { Patience } from "../../../shared/schemas/unknown-schemas.ts";

export interface TestPatience extends Patience {
  /** How long each pause was, in order. */
  readonly paused: number[];
}

/** Time that passes by pauses alone: whenever nothing else is left to do, the one that ends first does. */
export function aPatience(): TestPatience {
  let now = 0;
  const paused: number[] = [];
  const sleepers: { readonly until: number; readonly wake: () => void }[] = [];
  const wakeNext = () => {
    const [first] = sleepers.toSorted((one, other) => one.until - other.until);
    if (first !== undefined) {
      sleepers.splice(sleepers.indexOf(first), 1);
      now = first.until;
      first.wake();
    }
  };
  return {
    paused,
    now: () => now,
    async pause(ms) {
      const { promise, resolve } = Promise.withResolvers<void>();
      paused.push(ms);
      sleepers.push({ until: now + ms, wake: resolve });
      setImmediate(wakeNext);
      await promise;
    },
  };
}
