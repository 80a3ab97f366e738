import type { RangeLedger } from "../../shared/core/ledger/range-ledger.ts";
import type { RangeRecord } from "../../shared/core/range/range-record.ts";
import { START } from "./fake-clock.ts";

const RETENTION_MS = 86_400_000;

interface GivenUp {
  /** Exclusive. */
  readonly at: bigint;
  readonly first: "QUARANTINED" | "LOST" | "SKIPPED";
  /** Of a store that forgets by itself: its present time. */
  readonly now?: number;
}

/** Closes [fromOffset, at) of an open range as given up, as a processor would; what is left stays to be done. */
export async function giveUp(
  ledger: Pick<RangeLedger<never>, "changeRange" | "splitRange">,
  record: RangeRecord,
  { at, first, now = START }: GivenUp,
): Promise<void> {
  const claim = { kind: "claim", owner: "processor", now, leaseMs: 60_000 } as const;
  const claimed = await ledger.changeRange(record, claim);
  if (claimed.kind !== "changed") {
    throw new Error(`not claimed: ${claimed.kind}`);
  }
  const lease = { owner: "processor", counter: claimed.record.leaseCounter };
  const error = { name: "Error", message: "bad record" };
  await ledger.splitRange(claimed.record, { at, first, error, lease, now, retentionMs: RETENTION_MS });
}
