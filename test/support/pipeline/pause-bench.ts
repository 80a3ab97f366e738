import { changePipeline } from "../../../shared/core/ledger/change-pipeline.ts";
import { withoutPause, withPause } from "../../../shared/core/ledger/pauses.ts";
import type { Pause, PausedPartition, PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { SchedulerBench } from "./scheduler-bench.ts";

/** Pauses the bench's pipeline, or a partition of orders, as an operator does. */
export function pauseBench(bench: SchedulerBench, partition?: number): Promise<unknown> {
  const act = { by: "ann", reason: "the schema changes", at: bench.clock.now() };
  const of = scopeOf(bench, partition);
  const pause: Pause = of === undefined ? act : { ...act, of };
  return changePipeline(bench.ledger, bench.rules.pipeline, (record) => withPause(known(record), pause));
}

/** Takes the pause of exactly this scope back. */
export function resumeBench(bench: SchedulerBench, partition?: number): Promise<unknown> {
  const of = scopeOf(bench, partition);
  return changePipeline(bench.ledger, bench.rules.pipeline, (record) => withoutPause(known(record), of));
}

function scopeOf({ topicId }: SchedulerBench, partition: number | undefined): PausedPartition | undefined {
  return partition === undefined ? undefined : { topicId, topic: "orders", partition };
}

function known(record: PipelineRecord | undefined): PipelineRecord {
  if (record === undefined) {
    throw new Error("the pipeline has no record");
  }
  return record;
}
