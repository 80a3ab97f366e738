// Find range
//
// The range that an operator means: the open or newest one of a live chain, or one that is named
// by its first offset, of the live chain or of a reprocess request.

import { listNames, quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { pausesOf } from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PausedPartition, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { readGroup } from "../../../shared/core/ledger/range-group.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type ChainKey, isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import { readPipelines } from "./read-chains.ts";
import { shownStatus } from "./read-status.ts";

export interface RangeTarget extends TopicPartition {
  readonly pipeline: string;
  /** Absent: the range that is open. */
  readonly fromOffset?: bigint | undefined;
  /** Absent: of the live chain. */
  readonly requestId?: string | undefined;
}

export interface FoundRange {
  readonly record: RangeRecord;
  /** What keeps the scheduler from the range; never for one of a request. */
  readonly pause: Pause | undefined;
}

/** Throws ConfigurationError that names what there is instead. */
export async function findRange(ledger: RangeLedger<never>, target: RangeTarget): Promise<FoundRange> {
  const pipeline = await requirePipeline(ledger, target.pipeline);
  if (target.requestId !== undefined) {
    const chain = await chainOfRequest(ledger, target, target.requestId);
    return { record: chooseRange(target, await Array.fromAsync(ledger.ranges(chain))), pause: undefined };
  }
  const { topicId, partition } = requirePartition(pipeline, target);
  const chain = { pipeline: target.pipeline, topicId, partition };
  return { record: await findLiveRange(ledger, chain, target), pause: pausesOf(pipeline)(chain) };
}

export async function requirePipeline(ledger: RangeLedger<never>, pipeline: string): Promise<PipelineRecord> {
  const [record] = await readPipelines(ledger, pipeline);
  if (record === undefined) {
    throw new ConfigurationError(
      `pipeline ${quote(pipeline)} is not in this ledger; \`ranges status\` shows those that are`,
    );
  }
  return record;
}

/** The partition as the pipeline has started it; the latest of a topic that was re-created. */
export function requirePartition({ pipeline, topics }: PipelineRecord, target: TopicPartition): PausedPartition {
  const started = topics.findLast(
    ({ topic, partitions }) => topic === target.topic && partitions.includes(target.partition),
  );
  if (started === undefined) {
    throw new ConfigurationError(
      `${pipeline} has not started on ${formatTopicPartition(target)}; \`ranges status\` shows its partitions`,
    );
  }
  return { topicId: started.topicId, topic: target.topic, partition: target.partition };
}

async function chainOfRequest(ledger: RangeLedger<never>, target: RangeTarget, requestId: string): Promise<ChainKey> {
  const { pipeline, topic, partition } = target;
  const request = await ledger.readReprocess(pipeline, requestId);
  const range = request?.ranges.find((one) => one.topic === topic && one.partition === partition);
  if (range === undefined) {
    const what = request === undefined ? "is not in this ledger" : `has no range of ${formatTopicPartition(target)}`;
    throw new ConfigurationError(
      `reprocess request ${quote(requestId)} of ${pipeline} ${what}; \`ranges status\` shows its requests`,
    );
  }
  return { pipeline, topicId: range.topicId, partition, requestId };
}

async function findLiveRange(ledger: RangeLedger<never>, chain: ChainKey, target: RangeTarget): Promise<RangeRecord> {
  const newest = await ledger.newestRange(chain);
  if (newest === undefined) {
    throw new ConfigurationError(
      `the ledger has lost the ranges of ${formatTopicPartition(target)}; restore the table to a point in time that has them`,
    );
  }
  if (target.fromOffset === undefined) {
    return chooseRange(target, await readGroup(ledger, newest));
  }
  if (target.fromOffset === newest.fromOffset) {
    return newest;
  }
  for await (const record of ledger.ranges(chain)) {
    if (record.fromOffset === target.fromOffset) {
      return record;
    }
  }
  throw noSuchRange(target, [newest]);
}

function chooseRange(target: RangeTarget, records: readonly RangeRecord[]): RangeRecord {
  const open = records.filter((record) => !isClosed(record));
  const candidates =
    target.fromOffset === undefined
      ? open.length === 0
        ? records.slice(-1)
        : open
      : records.filter(({ fromOffset }) => fromOffset === target.fromOffset);
  const [only, ...others] = candidates;
  if (only === undefined) {
    throw noSuchRange(target, records);
  }
  if (others.length > 0) {
    throw new ConfigurationError(
      `${formatTopicPartition(target)} has ${candidates.length} open ranges${target.requestId === undefined ? "" : " in this request"}: ${describe(candidates)}; name one by its first offset, as TOPIC:PARTITION:FROM`,
    );
  }
  return only;
}

function noSuchRange(target: RangeTarget, present: readonly RangeRecord[]): ConfigurationError {
  const where = formatTopicPartition(target);
  const what = target.fromOffset === undefined ? "no range yet" : `no range that begins at ${target.fromOffset}`;
  const instead = present.length === 0 ? "" : `; it has ${describe(present)}`;
  return new ConfigurationError(`${where} has ${what}${instead}`);
}

function describe(records: readonly RangeRecord[]): string {
  return listNames(records.map((record) => `${formatOffsetRange(record)} ${shownStatus(record)}`));
}
