import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { PartitionState } from "../../../shared/core/plan/plan-partition.ts";

/** What a run knows of the source and the ledger, from step to step. */
export interface BatchState {
  readonly states: readonly PartitionState[];
  /** The pipeline's record with what the run has written to it. */
  readonly record: PipelineRecord | undefined;
}
