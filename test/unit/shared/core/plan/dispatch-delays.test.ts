import { expect, test } from "vitest";
import { dispatchDelays } from "../../../../../shared/core/plan/dispatch-delays.ts";
import { createRandom } from "../../../../local/demo/seeded-random.ts";

/** As many dispatches to each of the brokers, which take turns. */
function interleaved(brokers: number, each: number): readonly number[] {
  return Array.from({ length: brokers * each }, (_, index) => index % brokers);
}

test("DD1: each slot of a broker's has one dispatch, at a moment of its own", () => {
  const brokers = interleaved(3, 50);

  const delays = dispatchDelays(brokers, { perSecond: 100, random: createRandom(7) });

  for (const broker of [0, 1, 2]) {
    const own = delays.filter((_, index) => brokers[index] === broker).toSorted((a, b) => a - b);
    expect(own.map((delay) => Math.floor(delay / 10))).toEqual(Array.from({ length: 50 }, (_, slot) => slot));
    expect(new Set(own.map((delay) => delay % 10)).size).toBeGreaterThan(45);
  }
});

test("DD1: which of a broker's dispatches comes first is left to chance", () => {
  const random = createRandom(7);
  const orders = [1, 2, 3].map(() => {
    const delays = dispatchDelays(interleaved(1, 20), { perSecond: 100, random });
    return delays.map((_, index) => index).toSorted((a, b) => (delays[a] ?? 0) - (delays[b] ?? 0));
  });

  expect(new Set(orders.map(String)).size).toBe(3);
});

test("DD2: more dispatches than half a minute holds share it evenly", () => {
  const delays = dispatchDelays(interleaved(1, 60_000), { perSecond: 1, random: createRandom(7) });

  expect(Math.max(...delays.slice(0, 60_000))).toBeLessThan(30_000);
  const perSecond = new Array<number>(30).fill(0);
  for (const delay of delays) {
    const second = Math.floor(delay / 1_000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  }
  expect(perSecond).toEqual(new Array(30).fill(2_000));
});

test("partitions without a leader share the slots of a broker that nobody knows", () => {
  const delays = dispatchDelays([undefined, 1, undefined], { perSecond: 10, random: () => 0.5 });

  expect(delays).toEqual([50, 50, 150]);
});

test("DD3: a strict rate is kept however long it takes", () => {
  const delays = dispatchDelays(interleaved(2, 5_000), { perSecond: 100, isStrict: true, random: createRandom(7) });

  const perSecond = new Array<number>(50).fill(0);
  for (const delay of delays) {
    const second = Math.floor(delay / 1_000);
    perSecond[second] = (perSecond[second] ?? 0) + 1;
  }
  expect(perSecond).toEqual(new Array(50).fill(200));
});
