// Range ledger
//
// Remembers which offset ranges were planned, who may process each, and which
// are done. It decides nothing: planning lives in plan-batch.ts, what may happen
// to a record in range-status.ts.
//
//   L1  A record changes only from the revision that the change was decided on,
//       so two concurrent events never both apply to one state.
//   L2  At most one record per chain and fromOffset: of two racing plans one wins.
//   L3  Outputs take effect together with the change that carries them, or not at all (G5).
//   L4  An answer that was lost is not a lost race: a write that was applied is
//       recognised by its writeId and reported as applied.
//   L5  A retried change never applies twice.
//   L6  Both halves of a split are stored in one transaction, or neither (G2).
//   L7  A ledger that is made for one pipeline refuses the keys of every other, before
//       anything is read or written (pipeline-ledger.ts).

import type { RangeEvent, Refusal } from "../range/range-event.ts";
import type { ChainKey, RangeRecord } from "../range/range-record.ts";
import type { RangeSplit, SplitRecords } from "../range/split-range.ts";
import type { PipelineRecord } from "./pipeline-record.ts";
import type { ReprocessProgress, ReprocessRequest } from "./reprocess-request.ts";

export type PlanOutcome =
  | { readonly kind: "planned"; readonly record: RangeRecord }
  /** Another plan holds this chain and fromOffset already. */
  | { readonly kind: "collided"; readonly record: RangeRecord };

export type ChangeOutcome =
  | { readonly kind: "changed"; readonly record: RangeRecord }
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly record: RangeRecord }
  /** The record is not in the ledger (any more). */
  | { readonly kind: "missing" };

export type SplitOutcome =
  | ({ readonly kind: "split" } & SplitRecords)
  | { readonly kind: "refused"; readonly refusal: Refusal; readonly record: RangeRecord }
  /** A range begins where the rest would: nothing was changed. */
  | { readonly kind: "collided"; readonly record: RangeRecord }
  | { readonly kind: "missing" };

export type ReprocessKey = Pick<ReprocessRequest, "pipeline" | "requestId">;

/** `Output` is what the pipeline's code may write in the ledger's own transaction. */
export interface RangeLedger<Output> {
  /** The live record of the chain with the highest fromOffset. Never a stale absence. */
  newestRange(chain: ChainKey): Promise<RangeRecord | undefined>;
  /** Stores a first revision unless its key is taken; a range may replace the ANCHOR that it starts at. */
  planRange(record: RangeRecord): Promise<PlanOutcome>;
  /**
   * Applies the event to the record as it was last seen, or, where that is out
   * of date, to the present one. `outputs` need a commit or complete event.
   * Throws OutputLimitError when the outputs exceed `MAX_OUTPUTS_PER_COMMIT`,
   * RepeatedItemError when two of them are of one item, InvalidOutputError when the store can take one of them never, OutputRefusedError when one's own condition fails,
   * ConfigurationError when its table is missing or may not be written.
   */
  changeRange(seen: RangeRecord, event: RangeEvent, outputs?: readonly Output[]): Promise<ChangeOutcome>;
  /** Splits the record as it was last seen, or, where that is out of date, the present one. */
  splitRange(seen: RangeRecord, split: RangeSplit): Promise<SplitOutcome>;
  /** The chain's records by ascending fromOffset. */
  ranges(chain: ChainKey): AsyncIterable<RangeRecord>;
  /** The chain's records that begin in [fromOffset, untilOffset), by ascending fromOffset. */
  rangesWithin(
    chain: ChainKey,
    bounds: { readonly fromOffset: bigint; readonly untilOffset: bigint },
  ): AsyncIterable<RangeRecord>;

  /** By name. */
  pipelines(): AsyncIterable<PipelineRecord>;
  readPipeline(pipeline: string): Promise<PipelineRecord | undefined>;
  /** Replaces the revision that `record.revision` follows by one; false when another writer came first. */
  writePipeline(record: PipelineRecord): Promise<boolean>;

  readReprocess(pipeline: string, requestId: string): Promise<ReprocessRequest | undefined>;
  /** Stores the request unless its id is taken, and lists it as open; answers the one that is stored. */
  requestReprocess(request: ReprocessRequest): Promise<ReprocessRequest>;
  /** All that are kept, by request id. */
  reprocessRequests(pipeline: string): AsyncIterable<ReprocessRequest>;
  /** The requests that are not completed, by request id: one small record, however many were completed before. */
  openReprocesses(pipeline: string): Promise<readonly ReprocessProgress[]>;
  /**
   * Changes what is known of an open request, again when another writer came first; `change` answers undefined
   * where nothing is left to change. Answers the progress as it is afterwards, undefined where none is open.
   */
  changeReprocess(
    pipeline: string,
    requestId: string,
    change: (present: ReprocessProgress) => ReprocessProgress | undefined,
  ): Promise<ReprocessProgress | undefined>;
  /** Takes the request off the open ones and keeps its progress with it; repeating it changes nothing. */
  completeReprocess(request: ReprocessKey, completedAt: number, retentionMs: number): Promise<void>;
  /** The records of a request, by topic id, partition and fromOffset. */
  reprocessRanges(pipeline: string, requestId: string): AsyncIterable<RangeRecord>;
}
