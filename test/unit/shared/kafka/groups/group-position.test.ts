import { expect, test } from "vitest";
import { RangeReadError } from "../../../../../shared/core/errors.ts";
import { readGroupPosition } from "../../../../../shared/kafka/groups/group-position.ts";
import { findCoordinatorV3 } from "../../../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { listGroupsV4 } from "../../../../../shared/kafka/protocol/groups/list-groups-v4.ts";
import { openAnsweringCluster } from "../../../../support/groups/answering-cluster.ts";

const NOT_COORDINATOR = 16;

/** Two brokers, of which the first was the coordinator of group `g` until it was found; `state` is what the second says of it. */
function movedTo(state: string | undefined) {
  let found = 0;
  const answerOf = (host: string, name: string) => {
    const isCoordinator = host === "second";
    switch (name) {
      case findCoordinatorV3.name:
        found += 1;
        return { errorCode: 0, nodeId: found, host: found === 1 ? "first" : "second", port: 9_092 };
      case listGroupsV4.name:
        return { errorCode: 0, groups: isCoordinator && state !== undefined ? [{ groupId: "g", state }] : [] };
      default:
        return isCoordinator
          ? { errorCode: 0, offsets: [{ topic: "orders", partition: 0, errorCode: 0, offset: 7n, metadata: "" }] }
          : { errorCode: NOT_COORDINATOR, offsets: [] };
    }
  };
  const { cluster, calls } = openAnsweringCluster((name, { host }) => answerOf(host, name));
  return { calls, read: () => readGroupPosition(cluster, "g", [{ topic: "orders", partition: 0 }]) };
}

test.each(["Stable", "Empty"])("GS1: a coordinator that moves does not hide a group that is %s", async (state) => {
  const { read } = movedTo(state);

  await expect(read()).rejects.toThrow(RangeReadError);
});

test("GS1: a group that no broker lists has no members", async () => {
  const { calls, read } = movedTo(undefined);

  expect(await read()).toEqual({ hasMembers: false, offsets: new Map([["orders-0", 7n]]) });
  expect(calls.filter((name) => name === listGroupsV4.name)).toHaveLength(2);
});
