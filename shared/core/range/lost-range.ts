import type { AttemptError } from "../attempt-error.ts";
import { type NewRange, newRange } from "./new-range.ts";
import type { RangeRecord } from "./range-record.ts";

/** The record of offsets that were gone before anything was planned for them (G6). */
export function lostRange(
  range: NewRange,
  { error, retentionMs }: { error: AttemptError; retentionMs: number },
): RangeRecord {
  const { dispatchedAt: _never, ...record } = newRange(range);
  return { ...record, status: "LOST", error, completedAt: range.now, expiresAt: range.now + retentionMs };
}
