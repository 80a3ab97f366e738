import { expect, test } from "vitest";
import { committedOffsets } from "../../../../../shared/core/choice/starting-group.ts";
import { ConfigurationError, RangeReadError } from "../../../../../shared/core/errors.ts";

const partitions = [0, 1].map((partition) => ({ topic: "orders", partition }));

function sourceOf(offsets: Readonly<Record<string, bigint>>) {
  return { groupPosition: async () => ({ hasMembers: true, offsets: new Map(Object.entries(offsets)) }) };
}

test("a group's offsets are a choice by partition, whoever consumes with it", async () => {
  const source = sourceOf({ "orders-0": 5n, "orders-1": 0n });

  expect(await committedOffsets(source, { groupId: "old", onNoMatch: "error" }, partitions)).toEqual(
    new Map([
      ["orders-0", 5n],
      ["orders-1", 0n],
    ]),
  );
});

test.each([
  ["earliest", -2n],
  ["latest", -1n],
] as const)("what it has none of is %s in Spark's numbers, where that is chosen", async (onNoMatch, offset) => {
  const chosen = await committedOffsets(sourceOf({ "orders-0": 5n }), { groupId: "old", onNoMatch }, partitions);

  expect(chosen.get("orders-1")).toBe(offset);
});

test("what it has none of is an error otherwise, which names each", async () => {
  const refused = committedOffsets(sourceOf({}), { groupId: "old", onNoMatch: "error" }, partitions);

  await expect(refused).rejects.toThrow(ConfigurationError);
  await expect(refused).rejects.toThrow("consumer group old has committed no offset of orders-0, orders-1");
});

test("GS2: what could not be read is no partition without a commit", async () => {
  const outage = new RangeReadError("no coordinator answers");
  const source = {
    groupPosition: async () => {
      throw outage;
    },
  };

  await expect(committedOffsets(source, { groupId: "old", onNoMatch: "earliest" }, partitions)).rejects.toBe(outage);
});
