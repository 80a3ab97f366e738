// Read status
//
// Where each partition of a pipeline stands: its newest range, and, where Kafka
// is asked too, how far it lags in records and in seconds.

import { pausesOf } from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import { leadingRanges, readGroup } from "../../../shared/core/ledger/range-group.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { checkpointOf, lagOf } from "../../../shared/core/range/chain-lag.ts";
import { isHalted, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import {
  compareTopicPartitions,
  formatTopicPartition,
  type TopicPartition,
} from "../../../shared/core/range/topic-partition.ts";
import { findHeldBack, type HeldBack } from "../../../shared/core/source/held-back.ts";
import {
  type IsolationLevel,
  type ListedOffset,
  listedOffset,
  type OffsetSource,
  type PartitionMetadata,
} from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { chainsOf } from "./read-chains.ts";

export interface PartitionLag {
  readonly endOffset: bigint;
  /** At most: compacted records and markers count. */
  readonly lagRecords: bigint;
  /** Age of the oldest record that is not processed; 0 without lag, absent where it cannot be read. */
  readonly lagSeconds?: number;
}

export interface PartitionStatus extends TopicPartition {
  readonly pipeline: string;
  /** The oldest open range, or, without one, the newest; absent when the ledger has lost the chain. */
  readonly newest?: RangeRecord;
  readonly pause?: Pause;
  readonly lag?: PartitionLag;
  /** Why Kafka does not say where the log ends; absent where it does, or was not asked. */
  readonly lagUnknown?: string;
  /** Where the group stands that was asked about; no offset where it has none. */
  readonly group?: { readonly groupId: string; readonly offset?: bigint };
  /** What an open transaction keeps out of the lag. */
  readonly heldBack?: HeldBack;
}

/** A range's status as an operator is shown it: HALTED tells FAILED for good from FAILED for now. */
export function shownStatus(record: RangeRecord): string {
  return isHalted(record) ? "HALTED" : record.status;
}

/** What the lag is measured with; both sides must be of one isolation level. */
export interface LagDeps {
  readonly source: OffsetSource;
  readonly reader: RangeReader;
  readonly isolationLevel: IsolationLevel;
  readonly now: () => number;
  /** A group whose offsets are to be shown. */
  readonly groupId?: string;
}

export async function readStatus(
  ledger: RangeLedger<never>,
  record: PipelineRecord,
  lagDeps?: LagDeps,
): Promise<readonly PartitionStatus[]> {
  const pauseOf = pausesOf(record);
  const statuses = await mapConcurrently(chainsOf(record), MAX_CONCURRENT_LEDGER_CALLS, async ({ chain, topic }) => {
    const last = await ledger.newestRange(chain);
    // Of ranges that are processed side by side, the oldest open one holds the checkpoint.
    const [newest] = last === undefined ? [] : leadingRanges(await readGroup(ledger, last));
    const pause = pauseOf(chain);
    const named = { pipeline: record.pipeline, topic, partition: chain.partition };
    const status = pause === undefined ? named : { ...named, pause };
    return newest === undefined ? status : { ...status, newest };
  });
  const sorted = statuses.toSorted(compareTopicPartitions);
  return lagDeps === undefined ? sorted : addLags(lagDeps, await addGroup(lagDeps, sorted));
}

async function addGroup(
  { source, groupId }: LagDeps,
  statuses: readonly PartitionStatus[],
): Promise<readonly PartitionStatus[]> {
  if (groupId === undefined || statuses.length === 0) {
    return statuses;
  }
  const { offsets } = await source.groupPosition(groupId, statuses);
  return statuses.map((status) => {
    const offset = offsets.get(formatTopicPartition(status));
    return { ...status, group: { groupId, ...omitUndefined({ offset }) } };
  });
}

async function addLags(deps: LagDeps, statuses: readonly PartitionStatus[]): Promise<readonly PartitionStatus[]> {
  const { partitions, forbidden = [] } = await deps.source.describe({ assign: statuses });
  const whyUnseen = new Map(forbidden.map(({ topic, reason }) => [topic, reason]));
  const ends = await deps.source.listOffsets(partitions, "latest", deps.isolationLevel);
  const heldBack = await findHeld(deps, partitions, ends);
  const logs = new Map(
    partitions.map((log, index) => [formatTopicPartition(log), { log, end: ends[index], held: heldBack[index] }]),
  );
  return mapConcurrently(statuses, MAX_CONCURRENT_LEDGER_CALLS, async (status) => {
    const { log, end, held } = logs.get(formatTopicPartition(status)) ?? {};
    const { newest } = status;
    const isSameTopic = newest !== undefined && log?.topicId === newest.chain.topicId;
    const lagUnknown = end?.kind === "failed" ? end.error.message : whyUnseen.get(status.topic);
    if (lagUnknown !== undefined) {
      return { ...status, lagUnknown };
    }
    if (!isSameTopic || end?.kind !== "listed" || end.offset === undefined) {
      return status;
    }
    const lag = await measureLag(deps, { log, newest, endOffset: end.offset });
    return { ...status, lag, ...omitUndefined({ heldBack: held }) };
  });
}

async function findHeld(
  { source, isolationLevel }: LagDeps,
  partitions: readonly PartitionMetadata[],
  ends: readonly ListedOffset[],
): Promise<readonly (HeldBack | undefined)[]> {
  if (isolationLevel === "read_uncommitted") {
    return [];
  }
  const watermarks = await source.listOffsets(partitions, "latest", "read_uncommitted");
  const logs = partitions.map((partition, index) => ({
    partition,
    stableOffset: listedOffset(ends[index]),
    highWatermark: listedOffset(watermarks[index]),
  }));
  return findHeldBack(source, logs);
}

interface LaggingPartition {
  readonly log: PartitionMetadata;
  readonly newest: RangeRecord;
  readonly endOffset: bigint;
}

async function measureLag(deps: LagDeps, { log, newest, endOffset }: LaggingPartition): Promise<PartitionLag> {
  const lagRecords = lagOf(newest, endOffset);
  if (lagRecords === 0n) {
    return { endOffset, lagRecords, lagSeconds: 0 };
  }
  const range = {
    topic: log.topic,
    partition: log.partition,
    fromOffset: checkpointOf(newest),
    untilOffset: endOffset,
  };
  try {
    const timestamp = await firstTimestamp(deps, log, range);
    const lagSeconds = timestamp === undefined ? 0 : Math.max(0, (deps.now() - Number(timestamp)) / 1_000);
    return { endOffset, lagRecords, lagSeconds };
  } catch {
    // The age is a courtesy; what cannot be read is the processor's to report.
    return { endOffset, lagRecords };
  }
}

async function firstTimestamp(
  { reader, isolationLevel }: LagDeps,
  { topicId, leader }: PartitionMetadata,
  range: Parameters<RangeReader["readRange"]>[0]["range"],
): Promise<bigint | undefined> {
  const read = reader.readRange({ range, isolationLevel, topicId, ...omitUndefined({ leader }) });
  for await (const record of read.records()) {
    return record.timestamp;
  }
  return undefined;
}
