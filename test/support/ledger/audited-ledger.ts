// Audited ledger
//
// An in-memory ledger that holds every change against the guarantees as it is made,
// by means of its own: it does not ask the status machine.

import { isDeepStrictEqual } from "node:util";
import type { RangeEvent } from "../../../shared/core/range/range-event.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { RangeSplit } from "../../../shared/core/range/split-range.ts";
import { verifyChain } from "../../../shared/core/verify/verify-chain.ts";
import { createInMemoryRangeLedger, type InMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";

export interface AuditedLedger extends InMemoryRangeLedger<string> {
  /** What broke G2, G3, G4 or G5, in order. Kept rather than thrown: who made the change may catch what it throws. */
  readonly violations: readonly string[];
}

export function createAuditedLedger(): AuditedLedger {
  const base = createInMemoryRangeLedger<string>();
  const violations: string[] = [];
  const leases = new Map<string, string>();
  const closed = new Map<string, RangeRecord>();

  const check = (isKept: boolean, violation: string) => void (isKept ? 0 : violations.push(violation));
  const audit = () => {
    for (const records of Map.groupBy(base.all(), ({ chain }) => `${chain.topicId}-${chain.partition}`).values()) {
      const problems = verifyChain(records, { now: 0, mode: "live" });
      violations.push(...problems.map(({ message }) => `G2: ${message}`));
      records.filter(isClosed).forEach(auditClosed);
    }
    check(new Set(base.outputs).size === base.outputs.length, "G5: an output took effect twice");
  };
  const auditClosed = (record: RangeRecord) => {
    const before = closed.get(keyOf(record)) ?? record;
    // An anchor gives way to the range that begins at it.
    const isReplaced = before.status === "ANCHOR" && record.status !== "ANCHOR";
    check(
      isReplaced || isDeepStrictEqual(settled(before), settled(record)),
      `G4: ${keyOf(record)} changed once closed`,
    );
    closed.set(keyOf(record), record);
  };
  const auditLease = (before: RangeRecord | undefined, record: RangeRecord, event: RangeEvent) => {
    const lease = (counter: number) => `${keyOf(record)} under lease ${counter}`;
    if (event.kind === "claim") {
      check(!leases.has(lease(record.leaseCounter)), `G3: ${lease(record.leaseCounter)} was given twice`);
      check(
        event.now >= (before?.lease?.expiresAt ?? 0),
        `G3: ${keyOf(record)} was claimed while another's lease held`,
      );
      leases.set(lease(record.leaseCounter), event.owner);
    } else if ("operator" in event) {
      check(event.now >= (before?.lease?.expiresAt ?? 0), `G3: an operator's ${event.kind} ended a lease that held`);
    } else if ("lease" in event) {
      const { owner, counter } = event.lease;
      check(counter === record.leaseCounter, `G3: ${owner} wrote ${lease(counter)}, which is not the last`);
      check(leases.get(lease(counter)) === owner, `G3: ${owner} wrote ${lease(counter)}, which is another's`);
    }
  };

  const auditSplit = (before: RangeRecord | undefined, { lease, now }: RangeSplit) => {
    const holder = before?.lease;
    const isOwn = lease !== undefined && holder?.owner === lease.owner && holder.counter === lease.counter;
    check(isOwn || now >= (holder?.expiresAt ?? 0), "G3: a range was split while another's lease held");
  };

  return {
    ...base,
    violations,
    get writes() {
      return base.writes;
    },
    planRange: async (record) => {
      const outcome = await base.planRange(record);
      audit();
      return outcome;
    },
    changeRange: async (seen, event, outputs) => {
      const before = base.all().find((record) => keyOf(record) === keyOf(seen));
      const outcome = await base.changeRange(seen, event, outputs);
      if (outcome.kind === "changed") {
        auditLease(before, outcome.record, event);
      }
      audit();
      return outcome;
    },
    splitRange: async (seen, split) => {
      const before = base.all().find((record) => keyOf(record) === keyOf(seen));
      const outcome = await base.splitRange(seen, split);
      if (outcome.kind === "split") {
        auditSplit(before, split);
      }
      audit();
      return outcome;
    },
  };
}

/** What must never change again: all but the renewal's marks. */
function settled({ revision: _revision, writeId: _writeId, expiresAt: _expiresAt, ...record }: RangeRecord) {
  return record;
}

function keyOf({ chain, fromOffset }: RangeRecord): string {
  return `${chain.topicId}-${chain.partition} from ${fromOffset}`;
}
