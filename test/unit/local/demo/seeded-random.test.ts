import { expect, test } from "vitest";
import { createRandom, pickWeighted } from "../../../local/demo/seeded-random.ts";

test("gives the same numbers for the same seed, all in [0, 1), and others for another seed", () => {
  const draw = (seed: number) => Array.from({ length: 1_000 }, createRandom(seed));

  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
  expect(new Set(draw(7)).size).toBeGreaterThan(990);
});

test("picks each index as often as its weight says", () => {
  const random = createRandom(1);

  const picked = Array.from({ length: 6_000 }, () => pickWeighted([3, 0, 1], random()));

  expect(new Set(picked)).toEqual(new Set([0, 2]));
  expect(picked.filter((index) => index === 0).length / 6_000).toBeCloseTo(0.75, 1);
});
