// Dispatch delays
//
// When each dispatch of a scheduler run may start, so that thousands of processors
// do not connect to one broker in the same instant.
//
//   DD1  A broker gets one dispatch per slot of 1 / perSecond, at a random moment of
//        it; which one is random too.
//   DD2  The last one starts within MAX_DISPATCH_SPREAD_MS: where more dispatches
//        wait than fit, the slots get shorter.
//   DD3  A strict rate is a broker's own limit: no slot gets shorter, and the last one
//        starts when it may.

import { MAX_DISPATCH_SPREAD_MS } from "../limits.ts";

export interface DispatchRate {
  /** Dispatches per second to partitions that one broker leads. */
  readonly perSecond: number;
  /** Whether the broker refuses what comes faster. @default false */
  readonly isStrict?: boolean;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** One delay in ms per dispatch, in the order given; each is named by its partition's leader. */
export function dispatchDelays(
  brokers: readonly (number | undefined)[],
  { perSecond, isStrict = false, random }: DispatchRate,
): readonly number[] {
  const delays = new Array<number>(brokers.length).fill(0);
  const byBroker = Map.groupBy(brokers.keys(), (index) => brokers[index]);
  for (const indexes of byBroker.values()) {
    const slotMs = Math.min(1_000 / perSecond, isStrict ? Infinity : MAX_DISPATCH_SPREAD_MS / indexes.length);
    for (const [slot, index] of shuffled(indexes, random).entries()) {
      delays[index] = (slot + random()) * slotMs;
    }
  }
  return delays;
}

function shuffled(indexes: readonly number[], random: () => number): readonly number[] {
  return indexes
    .map((index) => ({ index, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ index }) => index);
}
