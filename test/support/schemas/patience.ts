import type { Patience } from "../../../shared/schemas/unknown-schemas.ts";

export interface TestPatience extends Patience {
  /** How long each pause was, in order. */
  readonly paused: number[];
}

/** Time that passes by pauses alone. */
export function aPatience(): TestPatience {
  let now = 0;
  const paused: number[] = [];
  return {
    paused,
    now: () => now,
    async pause(ms) {
      paused.push(ms);
      now += ms;
    },
  };
}
