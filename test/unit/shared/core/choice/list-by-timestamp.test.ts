import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { listByTimestamp } from "../../../../../shared/core/choice/list-by-timestamp.ts";
import { MAX_CONCURRENT_LISTINGS } from "../../../../../shared/core/limits.ts";
import type { OffsetSource } from "../../../../../shared/core/source/offset-source.ts";
import { aPartition } from "../../../../support/builders/builders.ts";

test("asks once for each timestamp, and gives each partition its own answer", async () => {
  const asked: string[] = [];
  const listOffsets: OffsetSource["listOffsets"] = async (partitions, spec) => {
    asked.push(
      `${typeof spec === "string" ? spec : spec.timestamp} of ${partitions.map(({ partition }) => partition).join()}`,
    );
    return partitions.map(({ partition }) => ({ kind: "listed", offset: BigInt(partition) }));
  };
  const partitions = [7n, 8n, 7n].map((timestamp, partition) => ({ ...aPartition({ partition }), timestamp }));

  const listed = await listByTimestamp({ listOffsets } as OffsetSource, partitions, "read_committed");

  expect(asked).toEqual(["7 of 0,2", "8 of 1"]);
  expect(partitions.map((partition) => listed.get(partition))).toEqual(
    [0n, 1n, 2n].map((offset) => ({ kind: "listed", offset })),
  );
});

test("G7: has a bounded number of listings under way, however many timestamps there are", async () => {
  let [running, most] = [0, 0];
  const listOffsets: OffsetSource["listOffsets"] = async () => {
    running += 1;
    most = Math.max(most, running);
    await setImmediate();
    running -= 1;
    return [];
  };
  const partitions = Array.from({ length: 100 }, (_, partition) => ({
    ...aPartition({ partition }),
    timestamp: BigInt(partition),
  }));

  await listByTimestamp({ listOffsets } as unknown as OffsetSource, partitions, "read_committed");

  expect(most).toBe(MAX_CONCURRENT_LISTINGS);
});
