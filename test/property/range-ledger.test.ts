// Range ledger under interleavings
//
// Several schedulers, processors and operators act on one range in any order, each
// with a record that may be long out of date, on clocks that disagree. Whatever they do,
// the invariants of the status machine hold after each step.

import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChangeOutcome } from "../../shared/core/ledger/range-ledger.ts";
import { dueAt } from "../../shared/core/range/due-at.ts";
import type { RangeEvent } from "../../shared/core/range/range-event.ts";
import { isClosed, isHalted, type RangeRecord } from "../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../shared/memory/in-memory-range-ledger.ts";
import { eventOf, ledgerStep, OWNERS, outputOf, plannedRange } from "../support/ledger/ledger-model.ts";

test("RS1-RS6, RS8, L3: no interleaving of schedulers, processors and operators breaks the status machine", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(ledgerStep, { minLength: 1, maxLength: 60 }), async (steps) => {
      const ledger = createInMemoryRangeLedger<readonly [bigint, bigint]>();
      const planned = plannedRange({ pipeline: "p", topicId: "t", partition: 0 }, 0);
      await ledger.planRange(planned);
      // Each owner acts on what it saw last, however long ago.
      const seen = Array.from({ length: OWNERS }, () => planned);
      let before = planned;
      let now = 0;
      for (const one of steps) {
        now += one.passesMs;
        const own = seen[one.owner] ?? planned;
        const event = eventOf(one, own, now + one.skewMs);
        const outputs = outputOf(event, own);
        const outcome = await ledger.changeRange(own, event, outputs);
        const after = (await ledger.newestRange(planned.chain)) ?? planned;
        checkStep({ before, after, event, outcome });
        checkOutputs(ledger.outputs, after);
        if (outcome.kind !== "missing") {
          seen[one.owner] = outcome.kind === "refused" && event.kind === "claim" ? own : outcome.record;
        }
        before = after;
      }
    }),
    { numRuns: 2_000 },
  );
});

interface Observation {
  readonly before: RangeRecord;
  readonly after: RangeRecord;
  readonly event: RangeEvent;
  readonly outcome: ChangeOutcome;
}

function checkStep({ before, after, event, outcome }: Observation): void {
  if (outcome.kind !== "changed") {
    expect(after).toEqual(before);
    return;
  }
  expect(after.revision).toBe(before.revision + 1);
  if (isClosed(before)) {
    const { revision, writeId, expiresAt } = after;
    expect(event.kind, "RS1").toBe("renew");
    expect(after, "RS1").toEqual({ ...before, revision, writeId, expiresAt });
  }
  expect(after.leaseCounter, "RS2").toBe(before.leaseCounter + (event.kind === "claim" ? 1 : 0));
  if ("lease" in event) {
    expect(event.lease, "RS3").toEqual({ owner: before.lease?.owner, counter: before.lease?.counter });
  }
  expect(after.committedOffset, "RS4").toBeGreaterThanOrEqual(before.committedOffset);
  if ("fromOffset" in event) {
    expect(event.fromOffset, "RS4").toBe(before.committedOffset);
  }
  if (isHalted(before)) {
    expect(["retry", "skip", "skipRecord"], "RS5").toContain(event.kind);
  }
  const pending = event.kind === "skipRecord" ? event.offset : before.skipOffset;
  const isOver = event.kind === "retry" || isClosed(after);
  expect(after.skipOffset, "RS8").toBe(isOver ? undefined : pending);
  expect(after.committedOffset, "RS8").toBeLessThanOrEqual(after.skipOffset ?? after.untilOffset);
  checkOperator({ before, after, event });
  expect(after.counts.delivered).toBe(after.committedOffset - after.fromOffset);
}

function checkOperator({ before, after, event }: Omit<Observation, "outcome">): void {
  if (!("operator" in event)) {
    expect(after.operator, "RS6").toEqual(before.operator);
    return;
  }
  expect(event.now, "RS6").toBeGreaterThanOrEqual(before.lease?.expiresAt ?? event.now);
  expect(after, "RS6").toMatchObject({
    committedOffset: before.committedOffset,
    counts: before.counts,
    operator: { ...event.operator, at: event.now },
  });
  // Whatever this host's clock says, and said of the one that planned it.
  expect(dueAt(after, 20) ?? 0, "RS6").toBe(0);
}

/** What took effect covers [fromOffset, committedOffset) once, in order. */
function checkOutputs(
  outputs: readonly (readonly [bigint, bigint])[],
  { fromOffset, committedOffset }: RangeRecord,
): void {
  let position = fromOffset;
  for (const [from, until] of outputs) {
    expect(from, "L3").toBe(position);
    position = until;
  }
  expect(position, "L3").toBe(committedOffset);
}
