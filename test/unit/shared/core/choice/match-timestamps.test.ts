import { expect, test } from "vitest";
import { matchTimestamps, timestampsOf } from "../../../../../shared/core/choice/match-timestamps.ts";

const partitions = [0, 1].map((partition) => ({ topic: "orders", partition }));

test("one timestamp serves every partition", () => {
  expect(timestampsOf("starting timestamps", 7n, partitions)).toEqual([
    { topic: "orders", partition: 0, timestamp: 7n },
    { topic: "orders", partition: 1, timestamp: 7n },
  ]);
});

test("timestamps by partition name them all and no other", () => {
  const choice = new Map([
    ["orders-1", 7n],
    ["orders-2", 8n],
  ]);

  const ask = () => timestampsOf("starting timestamps", choice, partitions);

  expect(ask).toThrow("starting timestamps do not name orders-0; starting timestamps name orders-2");
});

test("what is matched is a number; what is not is refused, or the end", () => {
  const matches = [
    { topic: "orders", partition: 0, timestamp: 7n, offset: 5n },
    { topic: "orders", partition: 1, timestamp: 9n, offset: undefined },
  ];

  expect(matchTimestamps("starting timestamps", matches, "latest")).toEqual(
    new Map([
      ["orders-0", 5n],
      ["orders-1", -1n],
    ]),
  );
  expect(() => matchTimestamps("starting timestamps", matches, "error")).toThrow(
    "no offset matched the starting timestamps of orders-1 (9)",
  );
});
