// Read positions
//
// Where outputs in Kafka stand, for somebody who looks: of stable offsets alone, and without
// fencing whoever writes.

import { mapConcurrently } from "../../core/map-concurrently.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { Coordinator } from "../groups/coordinator.ts";
import { MAX_CONCURRENT_GROUPS, MAX_OFFSETS_PER_COMMIT } from "../limits.ts";
import { type OffsetFetchRequest, offsetFetchV7 } from "../protocol/groups/offset-fetch-v7.ts";
import type { OutputPlace } from "./output-place.ts";
import { allOffsets, furthestOf } from "./producer-session.ts";
import { transactionError } from "./transaction-errors.ts";

/** In the order of the places; undefined where the group has no offset. Throws RangeReadError, also while a transaction of the group is open for long, and ConfigurationError. */
export async function readPositions(
  cluster: Cluster,
  places: readonly OutputPlace[],
  signal: AbortSignal,
): Promise<readonly (bigint | undefined)[]> {
  const groups = [...Map.groupBy(places, ({ groupId }) => groupId).values()];
  const found = await mapConcurrently(groups, MAX_CONCURRENT_GROUPS, (ofGroup) => readGroup(cluster, ofGroup, signal));
  const known = new Map(found.flat());
  return places.map((place) => known.get(nameOf(place)));
}

async function readGroup(
  cluster: Cluster,
  places: readonly OutputPlace[],
  signal: AbortSignal,
): Promise<readonly (readonly [string, bigint])[]> {
  const read: (readonly [string, bigint])[] = [];
  const [first] = places;
  if (first === undefined) {
    return read;
  }
  const { groupId } = first;
  const what = `reading the positions of group ${groupId}`;
  const coordinator = new Coordinator(cluster, { keyType: "group", key: groupId });
  const fetch = async (partitions: OffsetFetchRequest["partitions"]) => {
    const { offsets } = await coordinator.run({
      what,
      call: offsetFetchV7,
      request: { groupId, partitions, isStable: true },
      codesIn: ({ errorCode, offsets: answered }) => [errorCode, ...answered.map((one) => one.errorCode)],
      refuse: (code) => transactionError(what, first, code),
      isRepeatable: true,
      signal,
    });
    return offsets;
  };
  if (first.ownsGroup) {
    const found = furthestOf(await allOffsets(fetch, first.partition));
    return found === undefined ? [] : [[nameOf(first), found.offset]];
  }
  for (let from = 0; from < places.length; from += MAX_OFFSETS_PER_COMMIT) {
    const offsets = await fetch(places.slice(from, from + MAX_OFFSETS_PER_COMMIT).map(({ partition }) => partition));
    read.push(
      ...offsets
        .filter(({ offset }) => offset >= 0n)
        .map((one) => [nameOf({ groupId, partition: one }), one.offset] as const),
    );
  }
  return read;
}

function nameOf({ groupId, partition }: Pick<OutputPlace, "groupId" | "partition">): string {
  return `${groupId} ${formatTopicPartition(partition)}`;
}
