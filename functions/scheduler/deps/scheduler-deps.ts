import type { OffsetChoice } from "../../../shared/core/choice/choose-offsets.ts";
import type { NoMatch, TimestampChoice } from "../../../shared/core/choice/match-timestamps.ts";
import type { StartingGroup } from "../../../shared/core/choice/starting-group.ts";
import type { RangeDispatcher } from "../../../shared/core/ledger/range-dispatcher.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { OnPhase } from "../../../shared/core/on-phase.ts";
import type { DispatchRate } from "../../../shared/core/plan/dispatch-delays.ts";
import type { BatchRules } from "../../../shared/core/plan/plan-batch.ts";
import type {
  IsolationLevel,
  OffsetSource,
  PartitionMetadata,
  SourceSelection,
} from "../../../shared/core/source/offset-source.ts";
import type { StrategyAnswer } from "../../../shared/wire/events/strategy-answer.ts";
import type { CommitFrontier } from "../frontier/commit-frontier.ts";

/** What a strategy is given in each run. */
export interface StrategyQuestion {
  /** Every partition of every topic that the scheduler may describe, with topic ids and leaders. */
  readonly partitions: readonly PartitionMetadata[];
  /** Fires when the answer is not waited for any more. */
  readonly signal: AbortSignal;
}

/** Code that selects what a run reads (Spark's own ConsumerStrategy). What it throws fails the run. */
export type SourceStrategy = (question: StrategyQuestion) => StrategyAnswer | Promise<StrategyAnswer>;

/** What the scheduler's use cases reach the world through. */
export interface SchedulerDeps {
  readonly source: OffsetSource;
  readonly ledger: RangeLedger<never>;
  readonly dispatcher: RangeDispatcher;
  readonly now: () => number;
  /** A unique id for a batch or a write. */
  readonly newId: () => string;
  /** How a batch's dispatches are spread over time. @default each starts as soon as it can */
  readonly spread?: DispatchSpread;
  readonly onPhase?: OnPhase;
  /** Tells a consumer group how far the pipeline is, beside each run. */
  readonly commitFrontier?: CommitFrontier;
  /** Takes the place of the rules' selection. */
  readonly strategy?: SourceStrategy;
}

export interface StartingTimestamps {
  readonly timestamps: TimestampChoice;
  readonly onNoMatch: NoMatch;
}

export interface DispatchSpread extends DispatchRate {
  readonly pause: (ms: number) => Promise<void>;
}

export interface SchedulerRules extends BatchRules {
  readonly pipeline: string;
  readonly selection: SourceSelection;
  readonly isolationLevel: IsolationLevel;
  /** How often open transactions are looked for; absent: never. */
  readonly transactionCheckMs?: number;
  /** Where the partitions start that exist when the pipeline first runs; later ones start at their log's beginning. */
  readonly startingOffsets: OffsetChoice;
  /** Most ranges that one reprocess request may have open, whatever it asks for. @default - what it asks for */
  readonly maxConcurrentRanges?: number;
  /** Goes before `startingOffsets`. */
  readonly startingTimestamps?: StartingTimestamps;
  /** Goes before `startingOffsets`, and after `startingTimestamps`. */
  readonly startingGroup?: StartingGroup;
  /** What the pipeline's strategy gives, by partition as `formatTopicPartition` spells it; goes before all others, for any chain that is to begin. */
  readonly strategyOffsets?: ReadonlyMap<string, bigint>;
}
