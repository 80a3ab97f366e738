// Pipeline record
//
// What a pipeline knows beside its ranges: where its chains begin, what holds it, what a
// drain pinned and what backpressure has learnt. One small record per pipeline.

import type { OffsetAccount } from "../range/offset-outcomes.ts";
import type { OperatorAct } from "../range/range-record.ts";

export interface PipelineRecord {
  readonly pipeline: string;
  readonly revision: number;
  readonly startedAt: number;
  readonly topics: readonly StartedTopic[];
  /** Where chains begin that do not exist yet; absent when there is none. */
  readonly starting?: readonly StartingTopic[];
  /** The last drain, completed or not; absent when there was none. */
  readonly drain?: DrainRecord;
  /** What backpressure has learnt; absent without it. */
  readonly rate?: RateState;
  /** What operators have paused, each scope once; absent when there is nothing. */
  readonly pauses?: readonly Pause[];
}

/** The partitions of a topic that a pipeline has started on: their chains must exist from then on. */
export interface StartedTopic {
  readonly topicId: string;
  readonly topic: string;
  /** Ascending. */
  readonly partitions: readonly number[];
  /** Present once another topic of the name took its place: nothing is owed to it any more. */
  readonly endedAt?: number;
  /** Present once nothing can be planned of it any more, and nothing of it is open: nobody looks at its chains again. */
  readonly leftAt?: number;
}

/** The partitions of a topic whose chains are about to begin. */
export interface StartingTopic {
  readonly topicId: string;
  readonly topic: string;
  /** By partition, ascending. */
  readonly partitions: readonly StartingPartition[];
}

export interface StartingPartition {
  readonly partition: number;
  /** Frozen: never another offset. "pending": one of the pipeline's first partitions, whose start is not known yet. */
  readonly start: bigint | "pending";
}

export interface PausedPartition {
  readonly topicId: string;
  readonly topic: string;
  readonly partition: number;
}

/** An operator's word that nothing is planned or dispatched until it is taken back. */
export interface Pause extends OperatorAct {
  /** Absent: the whole pipeline. */
  readonly of?: PausedPartition;
  /** Who paused it for another reason while it was paused, in that order; absent when nobody did. */
  readonly also?: readonly OperatorAct[];
}

export interface DrainRecord {
  readonly drainId: string;
  readonly pinnedAt: number;
  /** Empty once it is completed. */
  readonly topics: readonly PinnedTopic[];
  readonly completedAt?: number;
  /** What became of its offsets; present once it is completed, unless earlier code did that. */
  readonly offsets?: OffsetAccount;
}

export interface PinnedTopic {
  readonly topicId: string;
  readonly topic: string;
  /** By partition, ascending. */
  readonly partitions: readonly PinnedPartition[];
}

export interface PinnedPartition {
  readonly partition: number;
  /** Where the first range begins, or will, that was not closed when the end was pinned; absent in drains of earlier code. */
  readonly fromOffset?: bigint;
  readonly untilOffset: bigint;
}

/** What the estimate goes on from. */
export interface RateState {
  /** When the last batch that was counted in had ended. */
  readonly latestTime: number;
  /** Records a second. */
  readonly latestRate: number;
  /** Absent after the first batch: there was no rate to differ from. */
  readonly latestError?: number;
}
