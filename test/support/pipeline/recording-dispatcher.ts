import { DispatchError } from "../../../shared/core/errors.ts";
import type { RangeDispatch, RangeDispatcher } from "../../../shared/core/ledger/range-dispatcher.ts";

export interface RecordingDispatcher extends RangeDispatcher {
  /** What was accepted and not taken yet, oldest first. */
  readonly accepted: readonly RangeDispatch[];
  /** Removes and returns what was accepted: the events that processors get. */
  take(): readonly RangeDispatch[];
  /** Refuses dispatches of this partition until told otherwise. */
  refuse(partition: number, isRefused: boolean): void;
}

export function createRecordingDispatcher(): RecordingDispatcher {
  const accepted: RangeDispatch[] = [];
  const refused = new Set<number>();
  return {
    accepted,
    take: () => accepted.splice(0),
    refuse: (partition, isRefused) => void (isRefused ? refused.add(partition) : refused.delete(partition)),
    dispatch: async (dispatch) => {
      if (refused.has(dispatch.record.partition)) {
        throw new DispatchError("the function is throttled");
      }
      accepted.push(dispatch);
    },
  };
}
