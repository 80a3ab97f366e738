import type { Attempt } from "./attempt.ts";
import type { ProcessorDeps, ProcessorRules } from "./processor-deps.ts";
import { recordOf } from "./run-attempt.ts";
import type { Settled } from "./settle-failure.ts";

/** Splits off the record at committedOffset, which an operator gave up: all before it is done, and the rest goes on. */
export async function skipRecord<Output>(
  { ledger, now }: ProcessorDeps<Output>,
  { retentionMs }: ProcessorRules,
  attempt: Attempt<Output>,
): Promise<Settled> {
  const record = recordOf(attempt);
  const made = await ledger.splitRange(record, {
    at: record.committedOffset + 1n,
    first: "SKIPPED",
    lease: attempt.claimed.lease,
    now: now(),
    retentionMs,
  });
  if (made.kind !== "split") {
    return { outcome: { kind: "superseded" } };
  }
  const outcome = { kind: "skipped", record: made.first } as const;
  return made.rest === undefined ? { outcome } : { outcome, next: made.rest };
}
