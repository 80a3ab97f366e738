// Fetch offsets
//
// What a consumer group has committed, as no transaction under way may still change it: one that commits
// offsets to the group is waited for.

import type { TopicPartition } from "../../core/range/topic-partition.ts";
import { type FetchedOffset, offsetFetchV7 } from "../protocol/groups/offset-fetch-v7.ts";
import type { Coordinator } from "./coordinator.ts";
import { type GroupUse, groupRefusal, ofGroup, toldOf } from "./group-refusal.ts";

/** One answer per partition that it knows. Throws ConfigurationError where the group may not be described. */
export async function fetchOffsets(
  coordinator: Coordinator,
  groupId: string,
  { partitions, signal }: { readonly partitions: readonly TopicPartition[]; readonly signal?: AbortSignal },
): Promise<readonly FetchedOffset[]> {
  const use: GroupUse = { what: `reading the offsets of group ${groupId}`, groupId, operation: "Describe" };
  const { offsets } = await toldOf(use, () =>
    coordinator.run({
      what: use.what,
      call: offsetFetchV7,
      request: { groupId, partitions, isStable: true },
      codesIn: ({ errorCode, offsets: answered }) => [errorCode, ...ofGroup(answered)],
      refuse: (code) => groupRefusal(use, code),
      isRepeatable: true,
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  return offsets;
}
