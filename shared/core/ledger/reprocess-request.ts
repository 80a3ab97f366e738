// Reprocess request
//
// What is run again beside the live chain (G9): asked for as a payload, frozen as
// a request of numbered ranges, and followed by a small record of how far it is.

import type { SplitRules } from "../choice/cut-pieces.ts";
import type { RangeChoice, ResolvedRange } from "../choice/resolve-choice.ts";
import { NO_OUTCOMES, type OffsetOutcomes } from "../range/offset-outcomes.ts";
import type { OffsetRange } from "../range/offset-range.ts";
import type { OperatorAct } from "../range/range-record.ts";
import type { SourceSelection } from "../source/offset-source.ts";

/** What is to be reprocessed, as it was asked for. */
export type ReprocessTarget =
  | { readonly kind: "ranges"; readonly ranges: readonly OffsetRange[] }
  /** Without a selection: of the pipeline's own source. */
  | { readonly kind: "choice"; readonly choice: RangeChoice; readonly selection?: SourceSelection };

export interface ReprocessPacing {
  /** Most ranges that are open at a time, halted ones aside. */
  readonly maxConcurrentRanges: number;
  /** Whether the ranges of one partition follow one another. */
  readonly isOrdered: boolean;
}

export interface ReprocessPayload {
  readonly requestId: string;
  /** Equal for payloads that ask for the same, whatever form their offsets came in. */
  readonly fingerprint: string;
  readonly target: ReprocessTarget;
  readonly split: SplitRules;
  readonly pacing: ReprocessPacing;
  /** Only says what would be reprocessed. */
  readonly isDryRun: boolean;
}

/** A reprocess request, resolved once and frozen: its ranges never change with the log (G9). */
export interface ReprocessRequest extends ReprocessPacing {
  readonly pipeline: string;
  readonly requestId: string;
  readonly requestedAt: number;
  /** The payload's fingerprint, to tell a repetition from another request under the same id. */
  readonly payload: string;
  /** By topic, partition and offset; progress names them by their index. */
  readonly ranges: readonly ResolvedRange[];
  /** Present once it is closed: nothing is done for it any more. */
  readonly completion?: ReprocessCompletion;
}

export interface ReprocessCompletion extends Pick<ReprocessProgress, "settled" | "outcomes" | "cancelled"> {
  readonly completedAt: number;
}

/** How far an open request is. Range records may be forgotten once they are closed; this is not. */
export interface ReprocessProgress {
  readonly requestId: string;
  /** Ascending indexes of the ranges that are closed. */
  readonly settled: readonly number[];
  /** What became of the settled ranges' offsets, as far as their records were seen. */
  readonly outcomes: OffsetOutcomes;
  /** Ascending indexes of the ranges that were planned and not yet seen closed. */
  readonly open: readonly number[];
  /** Nothing more is planned. */
  readonly cancelled?: OperatorAct;
}

/** Of a request of which nothing was planned yet. */
export function newProgress(requestId: string): ReprocessProgress {
  return { requestId, settled: [], outcomes: NO_OUTCOMES, open: [] };
}
