// Split off
//
// Splits a range at what is committed of it, and goes on with the rest: nothing failed.

import { isAtSkip } from "../../../shared/core/range/range-narrowing.ts";
import type { RangeSplit } from "../../../shared/core/range/split-range.ts";
import type { Attempt } from "./attempt.ts";
import type { ProcessorDeps, ProcessorRules } from "./processor-deps.ts";
import { recordOf } from "./run-attempt.ts";
import type { Settled } from "./settle-failure.ts";

/** The record at committedOffset where an operator gave it up, or else what is committed, which has no room for more receipts (PW2). */
export async function splitOff<Output>(
  { ledger, now }: ProcessorDeps<Output>,
  { retentionMs }: ProcessorRules,
  attempt: Attempt<Output>,
): Promise<Settled> {
  const record = recordOf(attempt);
  const { committedOffset } = record;
  const where: Pick<RangeSplit, "at" | "first"> = isAtSkip(record)
    ? { at: committedOffset + 1n, first: "SKIPPED" }
    : { at: committedOffset, first: "COMPLETED" };
  const made = await ledger.splitRange(record, { ...where, lease: attempt.claimed.lease, now: now(), retentionMs });
  if (made.kind !== "split") {
    return { outcome: { kind: "superseded" } };
  }
  const outcome = { kind: where.first === "SKIPPED" ? "skipped" : "completed", record: made.first } as const;
  return made.rest === undefined ? { outcome } : { outcome, next: made.rest };
}
