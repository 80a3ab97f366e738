import { changePipelineFrom } from "../../shared/core/ledger/change-pipeline.ts";
import type { PipelineRecord } from "../../shared/core/ledger/pipeline-record.ts";
import { batchSince, estimateRate, rateInForce } from "../../shared/core/plan/estimate-rate.ts";
import type { BatchState } from "./deps/batch-state.ts";
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
  { states, record: seen }: BatchState,
): Promise<ControlledRate> {
  if (backpressure === undefined) {
    return { rate: undefined, record: seen };
  }
  const newest = states.flatMap((state) => [state.newest, ...(state.siblings ?? [])]);
  const record = await changePipelineFrom(ledger, { pipeline, seen }, (present) => {
    const batch = batchSince(newest, present?.rate?.latestTime);
    const rate =
      batch === undefined ? undefined : estimateRate(present?.rate, batch, { ...backpressure, batchIntervalMs });
    return present === undefined || rate === undefined ? undefined : { ...present, rate };
  });
  return { rate: rateInForce(record?.rate), record };
}
