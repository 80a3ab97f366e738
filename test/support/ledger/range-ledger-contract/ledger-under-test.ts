import { randomUUID } from "node:crypto";
import type { ChangeOutcome, RangeLedger } from "../../../../shared/core/ledger/range-ledger.ts";
import { newRange } from "../../../../shared/core/range/new-range.ts";
import type { LeaseProof, RangeEvent } from "../../../../shared/core/range/range-event.ts";
import { type ChainKey, NO_COUNTS, type RangeRecord } from "../../../../shared/core/range/range-record.ts";

/** One store, as two processes see it. */
export interface LedgerUnderTest<Output> extends AsyncDisposable {
  readonly ledger: RangeLedger<Output>;
  readonly other: RangeLedger<Output>;
  /** The same store as one pipeline may use it. */
  readonly ofPipeline: (pipeline: string) => RangeLedger<Output>;
  /** An output whose every application is counted. */
  readonly output: (id: string) => Output;
  readonly timesApplied: (id: string) => Promise<number>;
  /** Removes a range's record, as a table's expiry would. */
  readonly forget: (record: RangeRecord) => Promise<void>;
}

/** Whole seconds, as stores keep an expiry. */
export const NOW = 1_800_000_000_000;
export const LEASE_MS = 60_000;
export const RETENTION_MS = 86_400_000;

export function aChain(key: Partial<ChainKey> = {}): ChainKey {
  return { pipeline: "contract", topicId: randomUUID(), partition: 3, ...key };
}

export function aRange(
  chain: ChainKey,
  range: { readonly fromOffset?: bigint; readonly untilOffset?: bigint; readonly batchId?: string } = {},
): RangeRecord {
  const { fromOffset = 5n, untilOffset = fromOffset + 10n, batchId = "batch-1" } = range;
  return newRange({ chain, topic: "orders", fromOffset, untilOffset, batchId, writeId: randomUUID(), now: NOW });
}

export function anAnchor(chain: ChainKey, offset: bigint): RangeRecord {
  return aRange(chain, { fromOffset: offset, untilOffset: offset });
}

export function claimBy(owner: string, now: number = NOW): RangeEvent {
  return { kind: "claim", owner, now, leaseMs: LEASE_MS };
}

export function commitOf(record: RangeRecord, untilOffset: bigint): RangeEvent {
  const delivered = untilOffset - record.committedOffset;
  return {
    kind: "commit",
    lease: leaseOf(record),
    fromOffset: record.committedOffset,
    untilOffset,
    counts: { ...NO_COUNTS, delivered },
    leaderEpoch: 7,
  };
}

export function completionOf(record: RangeRecord): RangeEvent {
  return {
    kind: "complete",
    lease: leaseOf(record),
    fromOffset: record.committedOffset,
    counts: { ...NO_COUNTS, delivered: record.untilOffset - record.committedOffset },
    now: NOW,
    retentionMs: RETENTION_MS,
  };
}

export function leaseOf({ lease }: RangeRecord): LeaseProof {
  if (lease === undefined) {
    throw new Error("the record has no lease");
  }
  return lease;
}

/** The record after an event that has to apply. */
export async function applied<Output>(
  { ledger }: Pick<LedgerUnderTest<Output>, "ledger">,
  record: RangeRecord,
  ...events: readonly ((record: RangeRecord) => RangeEvent)[]
): Promise<RangeRecord> {
  let current = record;
  for (const event of events) {
    current = changed(await ledger.changeRange(current, event(current)));
  }
  return current;
}

export function changed(outcome: ChangeOutcome): RangeRecord {
  if (outcome.kind !== "changed") {
    throw new Error(`the event was not applied: ${outcome.kind === "refused" ? outcome.refusal.kind : outcome.kind}`);
  }
  return outcome.record;
}

/** A planned range, claimed by `owner`. */
export async function aClaimedRange<Output>(
  subject: LedgerUnderTest<Output>,
  owner = "owner-1",
  chain: ChainKey = aChain(),
): Promise<RangeRecord> {
  const { record } = await subject.ledger.planRange(aRange(chain));
  return applied(subject, record, () => claimBy(owner));
}

export async function toArray<Value>(values: AsyncIterable<Value>): Promise<readonly Value[]> {
  const array: Value[] = [];
  for await (const value of values) {
    array.push(value);
  }
  return array;
}
