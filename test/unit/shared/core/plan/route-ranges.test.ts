import { expect, test } from "vitest";
import { type ProcessorVariant, type Routing, routeOf } from "../../../../../shared/core/plan/route-ranges.ts";
import type { PartitionLeader } from "../../../../../shared/core/source/offset-source.ts";

const large: ProcessorVariant = { name: "large", timeoutMs: 900_000 };
const zoneA: ProcessorVariant = { name: "us-east-1a", timeoutMs: 300_000 };

const fixed: Routing = {
  byPartition: new Map([
    ["orders:3", large],
    ["clicks:*", large],
    ["clicks:0", zoneA],
  ]),
  byRack: new Map(),
};
const byRack: Routing = { byPartition: new Map(), byRack: new Map([["use1-az1", zoneA]]) };

function leaderIn(rack?: string): PartitionLeader {
  return { nodeId: 4, host: "b-4", port: 9092, leaderEpoch: 0, ...(rack === undefined ? {} : { rack }) };
}

test("WR1: a partition goes to the variant that is named for it, before that of its topic", () => {
  expect(routeOf(fixed, { topic: "orders", partition: 3 })).toEqual({ variant: large });
  expect(routeOf(fixed, { topic: "clicks", partition: 0 })).toEqual({ variant: zoneA });
  expect(routeOf(fixed, { topic: "clicks", partition: 7 })).toEqual({ variant: large });
});

test("WR1: a partition that is named goes there whatever its leader's rack is", () => {
  const both: Routing = { ...fixed, byRack: byRack.byRack };

  expect(routeOf(both, { topic: "orders", partition: 3, leader: leaderIn("use1-az1") })).toEqual({ variant: large });
  expect(routeOf(both, { topic: "orders", partition: 4, leader: leaderIn("use1-az1") })).toEqual({ variant: zoneA });
});

test("WR2: a partition goes to the processor of its leader's rack", () => {
  expect(routeOf(byRack, { topic: "orders", partition: 0, leader: leaderIn("use1-az1") })).toEqual({ variant: zoneA });
});

test.each([
  ["no leader", undefined, "its leader is not known"],
  ["a leader without a rack", leaderIn(), "broker 4 has no broker.rack"],
  ["a leader in a rack without a processor", leaderIn("use1-az9"), 'rack "use1-az9" has no processor'],
])("WR2: a partition with %s goes to the default processor, with the reason", (_, leader, misplaced) => {
  const partition = { topic: "orders", partition: 0, ...(leader === undefined ? {} : { leader }) };

  expect(routeOf(byRack, partition)).toEqual({ misplaced });
});

test("WR3: whatever is not named, and all of a pipeline without a strategy, goes to the default processor", () => {
  const leader = leaderIn("use1-az1");

  expect(routeOf(fixed, { topic: "orders", partition: 4, leader })).toEqual({});
  expect(routeOf(undefined, { topic: "orders", partition: 3, leader })).toEqual({});
});
