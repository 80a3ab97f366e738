import { listNames, quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";

/** The pipelines of a ledger, or the one that is named. Throws ConfigurationError when the ledger does not know it. */
export async function readPipelines(
  ledger: RangeLedger<never>,
  pipeline: string | undefined,
): Promise<readonly PipelineRecord[]> {
  const records: PipelineRecord[] = [];
  for await (const record of ledger.pipelines()) {
    records.push(record);
  }
  const chosen = records.filter((record) => pipeline === undefined || record.pipeline === pipeline);
  if (pipeline !== undefined && chosen.length === 0) {
    const known = listNames(records.map((record) => record.pipeline)) || "none";
    throw new ConfigurationError(`pipeline ${quote(pipeline)} is not in this ledger; it knows ${known}`);
  }
  return chosen;
}

export interface LiveChain {
  readonly chain: ChainKey;
  readonly topic: string;
}

/** The live chains that a pipeline has started, by topic and partition; without those of topics that are ended. */
export function chainsOf(record: PipelineRecord): readonly LiveChain[] {
  return chainsOfTopics(
    record,
    record.topics.filter(({ endedAt }) => endedAt === undefined),
  );
}

/** The chains of topics that are ended: nothing is owed to them, and the table may have forgotten them. */
export function endedChainsOf(record: PipelineRecord): readonly LiveChain[] {
  return chainsOfTopics(
    record,
    record.topics.filter(({ endedAt }) => endedAt !== undefined),
  );
}

function chainsOfTopics({ pipeline }: PipelineRecord, topics: PipelineRecord["topics"]): readonly LiveChain[] {
  return topics.flatMap(({ topicId, topic, partitions }) =>
    partitions.map((partition) => ({ chain: { pipeline, topicId, partition }, topic })),
  );
}
