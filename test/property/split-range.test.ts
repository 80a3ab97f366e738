// Splits under interleavings
//
// Processors and schedulers claim, commit, fail and split the ranges of one chain in
// any order, each on records that may be long out of date and clocks that disagree.
// The audited ledger holds every step against G2, G3, G4 and G5 by means of its own.

import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { newRange } from "../../shared/core/range/new-range.ts";
import type { RangeEvent } from "../../shared/core/range/range-event.ts";
import { isClosed, NO_COUNTS, type RangeRecord } from "../../shared/core/range/range-record.ts";
import type { RangeSplit } from "../../shared/core/range/split-range.ts";
import { createAuditedLedger } from "../support/ledger/audited-ledger.ts";

const FROM = 100n;
const UNTIL = 124n;
const OWNERS = 3;
const firsts = ["QUARANTINED", "SKIPPED", "LOST", "COMPLETED"] as const;

const aStep = fc.record({
  owner: fc.nat(OWNERS - 1),
  /** Which of the records that this owner has seen it acts on, from the latest. */
  record: fc.nat(3),
  act: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("claim", "commit", "split") },
    { weight: 1, arbitrary: fc.constantFrom("complete", "fail", "expire", "release") },
  ),
  first: fc.constantFrom(...firsts),
  isOwner: fc.boolean(),
  length: fc.bigInt({ min: 0n, max: 6n }),
  skewMs: fc.integer({ min: -40, max: 40 }),
  passesMs: fc.integer({ min: 0, max: 60 }),
});
type Step = typeof aStep extends fc.Arbitrary<infer Value> ? Value : never;

let splits = 0;
afterAll(() => expect(splits).toBeGreaterThan(1_000));

test("G2, G3, G4, G5: no interleaving of splits with other changes breaks a chain", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(aStep, { minLength: 5, maxLength: 60, size: "max" }), async (steps) => {
      const ledger = createAuditedLedger();
      const chain = { pipeline: "p", topicId: "t", partition: 0 };
      const range = {
        chain,
        topic: "orders",
        fromOffset: FROM,
        untilOffset: UNTIL,
        batchId: "b",
        writeId: "w",
        now: 0,
      };
      const { record: planned } = await ledger.planRange(newRange(range));
      const seen = Array.from({ length: OWNERS }, () => [planned]);
      let now = 1_000;
      for (const step of steps) {
        now += step.passesMs;
        const known = seen[step.owner] ?? [];
        const own = known.at(-1 - (step.record % known.length)) ?? planned;
        known.push(...(await take(ledger, step, own, now + step.skewMs)));

        expect(ledger.violations).toEqual([]);
        const ranges = ledger.all();
        expect([ranges[0]?.fromOffset, ranges.at(-1)?.untilOffset]).toEqual([FROM, UNTIL]);
        expect(ranges.filter((one) => !isClosed(one)).length).toBeLessThanOrEqual(1);
        expect(ledger.outputs).toHaveLength(Number(ranges.reduce((sum, one) => sum + one.counts.delivered, 0n)));
      }
    }),
    { numRuns: 1_000 },
  );
});

async function take(
  ledger: ReturnType<typeof createAuditedLedger>,
  step: Step,
  own: RangeRecord,
  now: number,
): Promise<readonly RangeRecord[]> {
  if (step.act !== "split") {
    const event = eventOf(step, own, now);
    const outputs = event.kind === "commit" || event.kind === "complete" ? outputsOf(event, own) : [];
    const outcome = await ledger.changeRange(own, event, outputs);
    return outcome.kind === "missing" ? [] : [outcome.record];
  }
  const split = splitOf(step, own, now);
  const outcome = split === undefined ? undefined : await attempt(() => ledger.splitRange(own, split));
  if (outcome?.kind !== "split") {
    return [];
  }
  splits += 1;
  return outcome.rest === undefined ? [outcome.first] : [outcome.first, outcome.rest];
}

/** A split decided on an outdated record may be none of the present one: nothing is written then. */
async function attempt<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await run();
  } catch (error) {
    expect(String(error)).toMatch(/a split of .* (cuts off|leaves)/);
    return undefined;
  }
}

function splitOf({ owner, first, isOwner, length }: Step, own: RangeRecord, now: number): RangeSplit | undefined {
  const at = first === "COMPLETED" ? own.committedOffset : own.committedOffset + length + 1n;
  const lease = { owner: `owner-${owner}`, counter: own.leaseCounter };
  return at > own.fromOffset && at <= own.untilOffset
    ? { at, first, now, retentionMs: 1_000, ...(isOwner ? { lease } : {}) }
    : undefined;
}

function eventOf({ act, owner, length }: Step, own: RangeRecord, now: number): RangeEvent {
  const lease = { owner: `owner-${owner}`, counter: own.leaseCounter };
  const fromOffset = own.committedOffset;
  const left = own.untilOffset - fromOffset;
  const delivered = length < left ? length : left;
  switch (act) {
    case "claim":
      return { kind: "claim", owner: lease.owner, now, leaseMs: 50 };
    case "commit": {
      const counts = { ...NO_COUNTS, delivered };
      return { kind: "commit", lease, fromOffset, untilOffset: fromOffset + delivered, counts };
    }
    case "complete":
      return {
        kind: "complete",
        lease,
        fromOffset,
        counts: { ...NO_COUNTS, delivered: left },
        now,
        retentionMs: 1_000,
      };
    case "fail":
      return { kind: "fail", lease, error: { name: "Error", message: "broken" }, nextAttemptAt: now + 10 };
    case "expire":
      return { kind: "expire", now, mayRetry: true };
    default:
      return { kind: "release", lease };
  }
}

/** One output per offset that takes effect. */
function outputsOf(event: Extract<RangeEvent, { kind: "commit" | "complete" }>, own: RangeRecord): readonly string[] {
  const until = event.kind === "commit" ? event.untilOffset : own.untilOffset;
  return Array.from({ length: Number(until - event.fromOffset) }, (_, index) => `${event.fromOffset + BigInt(index)}`);
}
