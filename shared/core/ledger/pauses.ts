// Pauses
//
// What an operator has stopped: a whole pipeline, or one of its partitions. It is
// told by the pipeline's record, which every scheduler run reads anyway.
//
//   PS1  A run plans and dispatches nothing of what was paused when it read the record.
//        A range dispatched before is still claimed and finished; what its processor
//        hands back waits for the resume.
//   PS2  A run under way while the pause is written may still plan or dispatch, once
//        per partition.
//   PS3  A pause keeps the checkpoint: closed records are renewed all the same.
//   PS4  Reprocess requests go on: they stand beside the live chain (G9).

import { MAX_PAUSE_REASONS } from "../limits.ts";
import type { OperatorNote } from "../range/range-event.ts";
import type { PipelineFacts } from "./change-pipeline.ts";
import type { Pause, PausedPartition, PipelineRecord } from "./pipeline-record.ts";

type PartitionKey = Pick<PausedPartition, "topicId" | "partition">;

/** Looks up why a partition is paused: with the whole pipeline, or by itself. */
export function pausesOf(record: PipelineRecord | undefined): (partition: PartitionKey) => Pause | undefined {
  const pauses = new Map(record?.pauses?.map((pause) => [keyOf(pause.of), pause]));
  return (partition) => pauses.get(keyOf(undefined)) ?? pauses.get(keyOf(partition));
}

/** The pause of exactly this scope: the whole pipeline without a partition. */
export function findPause(record: PipelineRecord, of: PartitionKey | undefined): Pause | undefined {
  return record.pauses?.find((pause) => keyOf(pause.of) === keyOf(of));
}

/**
 * The record's facts with the pause, or with its reason beside those for which its scope is paused already.
 * Undefined when that reason is among them, or there is no room for one more.
 */
export function withPause(record: PipelineRecord, pause: Pause): PipelineFacts | undefined {
  const { pauses = [] } = record;
  const present = findPause(record, pause.of);
  if (present === undefined) {
    return { ...record, pauses: [...pauses, pause] };
  }
  const { also = [] } = present;
  if (hasReason(present, pause) || also.length + 1 >= MAX_PAUSE_REASONS) {
    return undefined;
  }
  const { by, reason, at } = pause;
  const joined = { ...present, also: [...also, { by, reason, at }] };
  return { ...record, pauses: pauses.map((one) => (one === present ? joined : one)) };
}

/** Whether the same person gave the same reason for the pause. */
export function hasReason(present: Pause, { by, reason }: OperatorNote): boolean {
  return [present, ...(present.also ?? [])].some((act) => act.by === by && act.reason === reason);
}

/** The record's facts without the pause of exactly this scope; undefined when there is none. */
export function withoutPause(record: PipelineRecord, of: PartitionKey | undefined): PipelineFacts | undefined {
  const { pauses = [], ...rest } = record;
  const left = pauses.filter((pause) => keyOf(pause.of) !== keyOf(of));
  if (left.length === pauses.length) {
    return undefined;
  }
  return left.length === 0 ? rest : { ...rest, pauses: left };
}

/** `paused by ann since 2027-01-15T08:00:00.000Z: the schema changes`. */
export function describePause(pause: Pause): string {
  return `${pause.of === undefined ? "the pipeline is paused" : "paused"} ${describeReasons(pause)}`;
}

/** `by ann since 2027-01-15T08:00:00.000Z: the schema changes; also by bob since …`. */
export function describeReasons({ also = [], ...first }: Pause): string {
  return [first, ...also]
    .map(({ by, reason, at }) => `by ${by} since ${new Date(at).toISOString()}: ${reason}`)
    .join("; also ");
}

function keyOf(of: PartitionKey | undefined): string {
  return of === undefined ? "pipeline" : `${of.topicId}#${of.partition}`;
}
