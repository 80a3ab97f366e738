// Kafka group offsets
//
// The adapter of core's GroupOffsets. A broker takes an offset from nobody in particular only while
// the group has no members: with some, whoever consumes with the group would read on from ours.

import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type { GroupOffset, GroupOffsets, RefusedOffset } from "../../core/source/group-offsets.ts";
import { openCluster } from "../cluster/cluster.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import { MAX_OFFSETS_PER_COMMIT } from "../limits.ts";
import { offsetCommitV8 } from "../protocol/groups/offset-commit-v8.ts";
import { Coordinator } from "./coordinator.ts";
import { fetchOffsets } from "./fetch-offsets.ts";
import { type GroupUse, groupRefusal, ofGroup, partitionReason, toldOf } from "./group-refusal.ts";

/** Connects when it is first asked. Throws ConfigurationError for options that cannot work. */
export function createKafkaGroupOffsets(options: KafkaOptions, groupId: string): GroupOffsets {
  const cluster = openCluster(options);
  const coordinator = new Coordinator(cluster, { keyType: "group", key: groupId });
  return {
    groupId,
    fetch: async (partitions, signal) => {
      const fetched = await fetchOffsets(coordinator, groupId, { partitions, signal });
      const known = fetched.filter(({ offset, errorCode }) => offset >= 0n && errorCode === 0);
      return new Map(known.map((one) => [formatTopicPartition(one), one.offset]));
    },
    commit: async (offsets, signal) => {
      const refused: RefusedOffset[] = [];
      for (let from = 0; from < offsets.length; from += MAX_OFFSETS_PER_COMMIT) {
        const part = offsets.slice(from, from + MAX_OFFSETS_PER_COMMIT);
        refused.push(...(await commitPart(coordinator, groupId, { part, signal })));
      }
      return refused;
    },
  };
}

async function commitPart(
  coordinator: Coordinator,
  groupId: string,
  { part, signal }: { readonly part: readonly GroupOffset[]; readonly signal: AbortSignal },
): Promise<readonly RefusedOffset[]> {
  const use: GroupUse = { what: `committing offsets to group ${groupId}`, groupId, operation: "Read" };
  const { partitions } = await toldOf(use, () =>
    coordinator.run({
      what: use.what,
      call: offsetCommitV8,
      request: { groupId, offsets: part },
      codesIn: ({ partitions: answered }) => ofGroup(answered),
      refuse: (code) => groupRefusal(use, code),
      // One that comes late tells what was true, until the group is read again.
      isRepeatable: true,
      signal,
    }),
  );
  return partitions
    .filter(({ errorCode }) => errorCode !== 0)
    .map(({ topic, partition, errorCode }) => ({
      topic,
      partition,
      reason: partitionReason(topic, use.operation, errorCode),
    }));
}
