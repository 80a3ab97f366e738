import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition, type TopicPartition } from "../../core/range/topic-partition.ts";
import type { GroupPosition } from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { listGroupsV4 } from "../protocol/groups/list-groups-v4.ts";
import type { FetchedOffset } from "../protocol/groups/offset-fetch-v7.ts";
import { Coordinator } from "./coordinator.ts";
import { fetchOffsets } from "./fetch-offsets.ts";
import { TOPIC_AUTHORIZATION_FAILED } from "./group-errors.ts";
import { type GroupUse, groupRefusal, partitionReason, toldOf } from "./group-refusal.ts";

/** A group in another state than these has members, of whichever protocol it is. */
const WITHOUT_MEMBERS: ReadonlySet<string> = new Set(["Empty", "Dead"]);

/**
 * Whether it has members is asked first: what they had committed when they left is then among the offsets. A broker lists
 * what it coordinates, so that a group which it does not list may be another's by then: the one that told the offsets
 * is asked as well (GS1).
 * Throws ConfigurationError where an offset may not be seen, RangeReadError where the coordinator does not tell it (GS2).
 */
export async function readGroupPosition(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<GroupPosition> {
  const coordinator = new Coordinator(cluster, { keyType: "group", key: groupId });
  const state = await readState(coordinator, groupId);
  const fetched = await fetchOffsets(coordinator, groupId, { partitions });
  for (const one of fetched) {
    requireTold(one, groupId);
  }
  if (state === undefined && (await readState(coordinator, groupId)) !== undefined) {
    throw new RangeReadError(`the coordinator of group ${groupId} moved, or it came to be, while it was asked`);
  }
  const committed = fetched.filter(({ offset }) => offset >= 0n);
  const hasMembers = state !== undefined && !WITHOUT_MEMBERS.has(state);
  return { hasMembers, offsets: new Map(committed.map((one) => [formatTopicPartition(one), one.offset])) };
}

/** Undefined where its coordinator lists none of this name. */
async function readState(coordinator: Coordinator, groupId: string): Promise<string | undefined> {
  const use: GroupUse = { what: `asking whether group ${groupId} has members`, groupId, operation: "Describe" };
  const { groups } = await toldOf(use, () =>
    coordinator.run({
      what: use.what,
      call: listGroupsV4,
      request: {},
      codesIn: ({ errorCode }) => [errorCode],
      refuse: (code) => groupRefusal(use, code),
      isRepeatable: true,
    }),
  );
  return groups.find((one) => one.groupId === groupId)?.state;
}

function requireTold({ topic, partition, errorCode }: FetchedOffset, groupId: string): void {
  if (errorCode === 0) {
    return;
  }
  const name = formatTopicPartition({ topic, partition });
  const message = `reading the offset of group ${groupId} of ${name} was refused: ${partitionReason(topic, "Describe", errorCode)}`;
  throw errorCode === TOPIC_AUTHORIZATION_FAILED ? new ConfigurationError(message) : new RangeReadError(message);
}
