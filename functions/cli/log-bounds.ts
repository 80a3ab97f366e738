import type { LogBounds } from "../../shared/core/choose-offsets.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import type {
  IsolationLevel,
  ListedOffset,
  OffsetSource,
  PartitionMetadata,
  SourceSelection,
} from "../../shared/core/offset-source.ts";
import { formatTopicPartition } from "../../shared/core/topic-partition.ts";

export type PartitionLog = PartitionMetadata & LogBounds;

/** Where the selected logs begin and end now. Throws ConfigurationError that names what does not exist. */
export async function listLogs(
  source: OffsetSource,
  selection: SourceSelection,
  isolationLevel: IsolationLevel,
): Promise<readonly PartitionLog[]> {
  const { partitions, missing } = await source.describe(selection);
  if (missing.length > 0) {
    throw new ConfigurationError(`${missing.join(", ")} ${missing.length === 1 ? "does" : "do"} not exist`);
  }
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

function requireOffset(partition: PartitionMetadata, listed: ListedOffset | undefined): bigint {
  if (listed?.kind === "failed") {
    throw listed.error;
  }
  if (listed?.offset === undefined) {
    throw new Error(`no broker listed an offset for ${formatTopicPartition(partition)}`);
  }
  return listed.offset;
}
