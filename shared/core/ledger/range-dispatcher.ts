import type { RangeRecord } from "../range/range-record.ts";
import type { PartitionLeader } from "../source/offset-source.ts";

/** What a processor gets: the record as it was last seen, and where to connect first. */
export interface RangeDispatch {
  readonly record: RangeRecord;
  readonly leader?: PartitionLeader;
  /** Of the processor function, by name; absent: the default one. Not told to it. */
  readonly variant?: string;
}

/**
 * Starts a processor for a planned range, asynchronously and at most once; a
 * lost dispatch is a delay, since the ledger is the retry.
 */
export interface RangeDispatcher {
  /** Resolves once the dispatch is accepted; throws DispatchError otherwise. */
  dispatch(dispatch: RangeDispatch): Promise<void>;
}
