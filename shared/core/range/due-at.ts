import type { RangeRecord } from "./range-record.ts";

/** When the scheduler has to drive an open range again; undefined while it is closed or halted. */
export function dueAt(record: RangeRecord, dispatchTimeoutMs: number): number | undefined {
  switch (record.status) {
    case "PLANNED":
      return record.dispatchedAt === undefined ? AT_ONCE : record.dispatchedAt + dispatchTimeoutMs;
    case "RUNNING":
      return record.lease?.expiresAt;
    case "FAILED":
      if (record.nextAttemptAt === undefined) {
        return undefined;
      }
      return isDispatchedForNextAttempt(record) ? (record.dispatchedAt ?? 0) + dispatchTimeoutMs : record.nextAttemptAt;
    default:
      return undefined;
  }
}

/** Whatever the clock says of the host that asks, and said of the one that planned. */
const AT_ONCE = 0;

/** Whether the scheduler has said that the next attempt is due, whatever another host's clock says. */
export function isDispatchedForNextAttempt({ dispatchedAt, nextAttemptAt }: RangeRecord): boolean {
  return dispatchedAt !== undefined && nextAttemptAt !== undefined && dispatchedAt >= nextAttemptAt;
}
