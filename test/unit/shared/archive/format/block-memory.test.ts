import { expect, test } from "vitest";
import { BlockMemory } from "../../../../../shared/archive/format/block-memory.ts";

test("BLM1: a block that was given back is taken again, by one", () => {
  const memory = new BlockMemory({ blockBytes: 16, maxKept: 4 });
  const first = memory.take();

  memory.giveBack([first]);

  expect(memory.take()).toBe(first);
  expect(memory.take()).not.toBe(first);
});

test("no more is kept than there may be, and what is taken beyond it has the size too", () => {
  const memory = new BlockMemory({ blockBytes: 16, maxKept: 1 });
  const [first, second] = [memory.take(), memory.take()];

  memory.giveBack([first, second]);
  memory.giveBack([second]);

  const taken = [memory.take(), memory.take()];
  expect(taken.map(({ length }) => length)).toEqual([16, 16]);
  expect(taken.filter((block) => block === first || block === second)).toEqual([first]);
});
