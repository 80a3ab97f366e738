import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import type { OffsetRange } from "../../../../../shared/core/range/offset-range.ts";
import { createKafkaRangeReader } from "../../../../../shared/kafka/read/range-reader.ts";
import { aRange } from "../../../../support/builders/builders.ts";

test.each<[string, Partial<OffsetRange>, string]>([
  ["ends before it begins", { fromOffset: 10n }, "untilOffset 9 is below fromOffset 10 for orders-3"],
  ["begins below 0", { fromOffset: -1n }, "fromOffset -1 of orders-3 [-1, 9) is negative"],
  ["is of no partition", { partition: -1 }, "partition -1 of orders is not an integer"],
])("a range that %s is refused before anything is connected to, by the field", (_, overrides, message) => {
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: ["localhost:1"] });
  const request = { range: aRange(overrides), isolationLevel: "read_committed" } as const;

  expect(() => reader.readRange(request)).toThrow(ConfigurationError);
  expect(() => reader.readRange(request)).toThrow(message);
});
