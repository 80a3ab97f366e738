import { MAX_CONCURRENT_LISTINGS } from "../limits.ts";
import { mapConcurrently } from "../map-concurrently.ts";
import type { IsolationLevel, ListedOffset, OffsetSource, PartitionMetadata } from "../source/offset-source.ts";

/** The first offset of each partition whose record is not older than its timestamp, with one listing per timestamp. */
export async function listByTimestamp<Partition extends PartitionMetadata & { readonly timestamp: bigint }>(
  source: OffsetSource,
  partitions: readonly Partition[],
  isolationLevel: IsolationLevel,
): Promise<ReadonlyMap<Partition, ListedOffset | undefined>> {
  const groups = Map.groupBy(partitions, ({ timestamp }) => timestamp);
  const listed = await mapConcurrently([...groups], MAX_CONCURRENT_LISTINGS, async ([timestamp, group]) => {
    const answers = await source.listOffsets(group, { timestamp }, isolationLevel);
    return group.map((partition, index) => [partition, answers[index]] as const);
  });
  return new Map(listed.flat());
}
