import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { mapConcurrently } from "../../../../shared/core/map-concurrently.ts";

test("answers in the order of the items, whatever ends first", async () => {
  const gates = [0, 1, 2].map(() => Promise.withResolvers<void>());
  const results = mapConcurrently([0, 1, 2], 3, async (index) => {
    await gates[index]?.promise;
    return index * 10;
  });

  for (const gate of gates.toReversed()) {
    gate.resolve();
    await setImmediate();
  }

  expect(await results).toEqual([0, 10, 20]);
});

test("keeps as many calls under way as the limit allows, and no more", async () => {
  let underWay = 0;
  let most = 0;

  await mapConcurrently(Array.from({ length: 50 }), 7, async () => {
    underWay += 1;
    most = Math.max(most, underWay);
    await setImmediate();
    underWay -= 1;
  });

  expect(most).toBe(7);
});

test("maps nothing to nothing", async () => {
  expect(await mapConcurrently([], 3, async () => expect.unreachable("there is no item"))).toEqual([]);
});

test("rejects with the first rejection and begins nothing after it", async () => {
  const begun: number[] = [];
  const failing = mapConcurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    await setImmediate();
    if (item === 1) {
      throw new Error("item 1 failed");
    }
  });

  await expect(failing).rejects.toThrow("item 1 failed");
  await setImmediate();
  await setImmediate();

  expect(begun.filter((item) => item > 2)).toEqual([]);
});

test.each([0, -1, Number.NaN])("refuses the limit %d, which would map nothing", async (limit) => {
  await expect(mapConcurrently([1], limit, async () => 1)).rejects.toThrow(`limit ${limit}`);
});
