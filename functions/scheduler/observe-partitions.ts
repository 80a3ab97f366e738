import { MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import type { PartitionMetadata } from "../../shared/core/offset-source.ts";
import type { PartitionState } from "../../shared/core/plan-partition.ts";
import type { PipelineRecord } from "../../shared/core/range-ledger.ts";
import type { SchedulerDeps, SchedulerRules } from "./scheduler-deps.ts";
import { hasStarted, recreationProblem } from "./started-topics.ts";

/** Reads what Kafka and the ledger say of each partition; log beginnings only where the ledger knows nothing. */
export async function observePartitions(
  { source, ledger }: SchedulerDeps,
  { pipeline, isolationLevel }: SchedulerRules,
  partitions: readonly PartitionMetadata[],
  record: PipelineRecord | undefined,
): Promise<readonly PartitionState[]> {
  const [newest, ends] = await Promise.all([
    mapConcurrently(partitions, MAX_CONCURRENT_LEDGER_CALLS, ({ topicId, partition }) =>
      ledger.newestRange({ pipeline, topicId, partition }),
    ),
    source.listOffsets(partitions, "latest", isolationLevel),
  ]);
  const unknown = partitions.filter((_, index) => newest[index] === undefined);
  const answers = await source.listOffsets(unknown, "earliest", isolationLevel);
  const beginnings = new Map(unknown.map((partition, index) => [partition, answers[index]]));
  return partitions.map((partition, index) => ({
    partition,
    newest: newest[index],
    end: ends[index],
    beginning: beginnings.get(partition),
    pipelineStarted: record !== undefined,
    partitionStarted: hasStarted(record, partition),
    problem: recreationProblem(record, partition),
  }));
}
