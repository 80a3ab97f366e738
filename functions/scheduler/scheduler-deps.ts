import type { OffsetChoice } from "../../shared/core/choose-offsets.ts";
import type { IsolationLevel, OffsetSource, SourceSelection } from "../../shared/core/offset-source.ts";
import type { PlanRules } from "../../shared/core/plan-partition.ts";
import type { RangeDispatcher } from "../../shared/core/range-dispatcher.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";

/** What the scheduler's use cases reach the world through. */
export interface SchedulerDeps {
  readonly source: OffsetSource;
  readonly ledger: RangeLedger<never>;
  readonly dispatcher: RangeDispatcher;
  readonly now: () => number;
  /** A unique id for a batch or a write. */
  readonly newId: () => string;
}

export interface SchedulerRules extends PlanRules {
  readonly pipeline: string;
  readonly selection: SourceSelection;
  readonly isolationLevel: IsolationLevel;
  /** Where the partitions start that exist when the pipeline first runs; later ones start at their log's beginning. */
  readonly startingOffsets: OffsetChoice;
}
