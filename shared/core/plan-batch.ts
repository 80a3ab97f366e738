import { type PartitionDecision, type PartitionState, type PlanRules, planPartition } from "./plan-partition.ts";

export interface PlannedPartition {
  readonly state: PartitionState;
  readonly decision: PartitionDecision;
}

/** Decides a whole scheduler run: one decision per partition, in the order given. */
export function planBatch(
  states: readonly PartitionState[],
  rules: PlanRules,
  now: number,
): readonly PlannedPartition[] {
  return states.map((state) => ({ state, decision: planPartition(state, rules, now) }));
}
