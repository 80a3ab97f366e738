import type { OffsetRange } from "../range/offset-range.ts";
import type { PartitionDecision, PartitionState } from "./plan-partition.ts";

export interface PlannedPartition {
  readonly state: PartitionState;
  readonly decision: BatchDecision;
}

export type BatchDecision =
  | Exclude<PartitionDecision, { readonly kind: "plan" }>
  | PlanDecision
  /** There is something new, but the batch waits for more. */
  | { readonly kind: "delayed"; readonly reason: string }
  /** There is something to dispatch, and as much in flight as there may be. */
  | { readonly kind: "queued"; readonly reason: string };

export interface PlanDecision {
  readonly kind: "plan";
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  /** What shortened the range; absent when it takes all there is. */
  readonly limitedBy?: LimitName;
  /** The ranges it is cut into, several of them; absent when it is planned as one. */
  readonly pieces?: readonly OffsetRange[];
  /** The adaptive size in force, for the range's record. */
  readonly adaptiveSize?: bigint;
}

export type LimitName =
  | "maxRecordsPerPartition"
  | "maxRecordsPerBatch"
  | "initialRecordsPerPartition"
  | "adaptiveSize"
  | "backpressure"
  | "maxRecordsPerRange"
  | "maxConcurrency";
