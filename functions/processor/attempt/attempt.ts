import type { ClaimedRange } from "../../../shared/core/range/lease.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { PartitionLeader } from "../../../shared/core/source/offset-source.ts";
import type { RangeSession } from "../session/range-session.ts";

/** One lease of a range, as far as it has come. */
export interface Attempt<Output> {
  /** As it was claimed. */
  readonly claimed: ClaimedRange;
  readonly leader?: PartitionLeader;
  readonly startedAt: number;
  /** The reader's throttle time as it was then. */
  readonly throttleTimeMs: number;
  /** Whether the range failed in an earlier invocation, without progress since. */
  readonly isRetry: boolean;
  /** Ends every read. */
  readonly signal: AbortSignal;
  /** As of the last write. */
  record: RangeRecord;
  /** Where the present piece ends, exclusive. */
  untilOffset: bigint;
  session?: RangeSession<Output> | undefined;
}
