import type { LimitName } from "../../../shared/core/plan/batch-decision.ts";
import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";

/** What a run did for a partition, or for a range of a reprocess request. */
export interface PartitionAction {
  readonly kind:
    | "planned"
    | "redispatched"
    | "anchored"
    /** Offsets that the log no longer holds were recorded as LOST. */
    | "lost"
    | "renewed"
    | "idle"
    /** There is something new, but the batch waits for more. */
    | "delayed"
    /** There is something to dispatch, and `maxConcurrency` ranges are in flight. */
    | "queued"
    | "waiting"
    /** Another scheduler or a processor was faster; nothing to do. */
    | "collided"
    | "dispatchFailed"
    /** Waits for an operator after too many failed attempts. */
    | "halted"
    /** Cannot be planned: Kafka and the ledger contradict each other, or Kafka does not say. */
    | "held"
    /** Stopped by an operator; `reason` says by whom and why. */
    | "paused"
    /** Closed without being processed, since its request was cancelled. */
    | "skipped"
    /** The run could not read or write what it needed for this partition. */
    | "failed";
  readonly fromOffset?: bigint;
  readonly untilOffset?: bigint;
  readonly reason?: string;
  /** Why the range went to the default processor although another is preferred; absent where it did not. */
  readonly misplaced?: string;
  /** What shortened the range that was planned. */
  readonly limitedBy?: LimitName;
}

export interface PartitionOutcome extends TopicPartition, PartitionAction {
  /** Records between the checkpoint and the end; absent where either is unknown. */
  readonly lag?: bigint;
  /** When the partition's open range was planned. */
  readonly openSince?: number;
}

const STUCK: ReadonlySet<PartitionAction["kind"]> = new Set(["halted", "held", "failed"]);

/** Whether the partition does not move on until somebody acts. */
export function isStuck({ kind }: PartitionAction): boolean {
  return STUCK.has(kind);
}

export function countKinds(ranges: readonly { readonly kind: string }[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { kind } of ranges) {
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}
