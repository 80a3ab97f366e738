import { joinProblems, listNames } from "../bounded-text.ts";
import { ConfigurationError, RangeReadError } from "../errors.ts";
import { formatTopicPartition } from "../range/topic-partition.ts";
import type {
  IsolationLevel,
  ListedOffset,
  OffsetSource,
  PartitionMetadata,
  SourceSelection,
} from "../source/offset-source.ts";
import type { LogBounds } from "./choose-offsets.ts";
import { listByTimestamp } from "./list-by-timestamp.ts";

export type PartitionLog = PartitionMetadata & LogBounds;

/** Where the selected logs begin and end now. Throws ConfigurationError that names what does not exist, or may not be seen. */
export async function listLogs(
  source: OffsetSource,
  selection: SourceSelection,
  isolationLevel: IsolationLevel,
): Promise<readonly PartitionLog[]> {
  const { partitions, missing, forbidden = [] } = await source.describe(selection);
  if (forbidden.length > 0) {
    throw new ConfigurationError(joinProblems(forbidden.map(({ reason }) => reason)));
  }
  if (missing.length > 0) {
    throw new ConfigurationError(`${listNames(missing)} ${missing.length === 1 ? "does" : "do"} not exist`);
  }
  return listBounds(source, partitions, isolationLevel);
}

/** Throws the error of the first partition whose bounds a broker does not tell. */
export async function listBounds(
  source: OffsetSource,
  partitions: readonly PartitionMetadata[],
  isolationLevel: IsolationLevel,
): Promise<readonly PartitionLog[]> {
  const [beginnings, ends] = await Promise.all([
    source.listOffsets(partitions, "earliest", isolationLevel),
    source.listOffsets(partitions, "latest", isolationLevel),
  ]);
  return partitions.map((partition, index) => ({
    ...partition,
    beginningOffset: requireOffset(partition, beginnings[index]),
    endOffset: requireOffset(partition, ends[index]),
  }));
}

/** The first offset of each partition whose record is not older than its timestamp. */
export async function listTimestamps<Partition extends PartitionMetadata & { readonly timestamp: bigint }>(
  source: OffsetSource,
  partitions: readonly Partition[],
  isolationLevel: IsolationLevel,
): Promise<readonly (Partition & { readonly offset: bigint | undefined })[]> {
  const listed = await listByTimestamp(source, partitions, isolationLevel);
  return [...listed].map(([partition, answer]) => ({ ...partition, offset: requireAnswer(partition, answer) }));
}

function requireOffset(partition: PartitionMetadata, listed: ListedOffset | undefined): bigint {
  const offset = requireAnswer(partition, listed);
  if (offset === undefined) {
    throw new RangeReadError(`no broker listed an offset for ${formatTopicPartition(partition)}`);
  }
  return offset;
}

function requireAnswer(partition: PartitionMetadata, listed: ListedOffset | undefined): bigint | undefined {
  if (listed === undefined) {
    throw new RangeReadError(`no broker answered for ${formatTopicPartition(partition)}`);
  }
  if (listed.kind === "failed") {
    throw listed.error;
  }
  return listed.offset;
}
