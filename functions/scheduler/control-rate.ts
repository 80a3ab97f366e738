import { changePipeline } from "../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord } from "../../shared/core/ledger/pipeline-record.ts";
import { batchSince, estimateRate, rateInForce } from "../../shared/core/plan/estimate-rate.ts";
import type { PartitionState } from "../../shared/core/plan/plan-partition.ts";
import type { SchedulerDeps, SchedulerRules } from "./deps/scheduler-deps.ts";

export interface ControlledRate {
  /** Records a second of all partitions together; undefined while there is no limit. */
  readonly rate: number | undefined;
  /** The pipeline's record with what was learnt. */
  readonly record: PipelineRecord | undefined;
}

/** Counts in what was completed since the last time, in one write; none when nothing was. */
export async function controlRate(
  { ledger }: Pick<SchedulerDeps, "ledger">,
  { pipeline, backpressure, batchIntervalMs }: SchedulerRules,
  states: readonly PartitionState[],
  seen: PipelineRecord | undefined,
): Promise<ControlledRate> {
  if (backpressure === undefined) {
    return { rate: undefined, record: seen };
  }
  const newest = states.flatMap((state) => [state.newest, ...(state.siblings ?? [])]);
  const estimate = (record: PipelineRecord | undefined) => {
    const batch = batchSince(newest, record?.rate?.latestTime);
    return batch === undefined ? undefined : estimateRate(record?.rate, batch, { ...backpressure, batchIntervalMs });
  };
  const record =
    estimate(seen) === undefined
      ? seen
      : await changePipeline(ledger, pipeline, (present) => {
          const rate = estimate(present);
          return present === undefined || rate === undefined ? undefined : { ...present, rate };
        });
  return { rate: rateInForce(record?.rate), record };
}
