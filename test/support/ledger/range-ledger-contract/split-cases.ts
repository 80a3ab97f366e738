import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import type { RangeLedger, SplitOutcome } from "../../../../shared/core/ledger/range-ledger.ts";
import { listOffsets } from "../../../../shared/core/offsets/offset-list.ts";
import type { RangeEvent } from "../../../../shared/core/range/range-event.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../shared/core/range/range-record.ts";
import type { RangeSplit } from "../../../../shared/core/range/split-range.ts";
import {
  aChain,
  aClaimedRange,
  applied,
  aRange,
  changed,
  claimBy,
  commitOf,
  completionOf,
  LEASE_MS,
  type LedgerUnderTest,
  leaseOf,
  NOW,
  RETENTION_MS,
  toArray,
} from "./ledger-under-test.ts";

const error = { name: "Error", message: "not JSON" };

/** Of a range [5, 15): [5, 9) is quarantined. */
export function aSplit(overrides: Partial<RangeSplit> = {}): RangeSplit {
  return { at: 9n, first: "QUARANTINED", error, now: NOW, retentionMs: RETENTION_MS, ...overrides };
}

export function halvesOf(outcome: SplitOutcome) {
  if (outcome.kind !== "split") {
    throw new Error(`the range was not split: ${outcome.kind}`);
  }
  return outcome;
}

async function rangesOf<Output>(ledger: RangeLedger<Output>, { chain }: RangeRecord): Promise<readonly RangeRecord[]> {
  return toArray(ledger.ranges(chain));
}

export function testSplits<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("G2, L6: stores both halves of a split, and shows the rest as the newest", async () => {
    const { ledger, other } = subject();
    const running = await aClaimedRange(subject());
    const committed = await applied(subject(), running, (record) => commitOf(record, 8n));

    const { first, rest } = halvesOf(await ledger.splitRange(committed, aSplit({ lease: leaseOf(committed) })));

    expect(first).toMatchObject({ status: "QUARANTINED", fromOffset: 5n, untilOffset: 9n, committedOffset: 8n, error });
    expect(rest).toMatchObject({ status: "PLANNED", fromOffset: 9n, untilOffset: 15n, committedOffset: 9n });
    await expect(rangesOf(other, running)).resolves.toEqual([first, rest]);
    await expect(other.newestRange(running.chain)).resolves.toEqual(rest);
  });

  test("RJ1: what commits reject stays listed through every change, and with the first half of a split", async () => {
    const { ledger, other } = subject();
    const running = await aClaimedRange(subject());
    const rejecting = (record: RangeRecord, untilOffset: bigint, ...offsets: readonly bigint[]): RangeEvent => {
      const delivered = untilOffset - record.committedOffset;
      const rejected = BigInt(offsets.length);
      const progress = { counts: { ...NO_COUNTS, delivered, rejected }, rejectedOffsets: listOffsets(offsets) };
      return { kind: "commit", lease: leaseOf(record), fromOffset: record.committedOffset, untilOffset, ...progress };
    };

    const committed = await applied(subject(), running, (record) => rejecting(record, 8n, 5n, 7n));
    // Also by a process that may be of a release that lists nothing.
    await applied(
      { ledger: other },
      (await other.newestRange(running.chain)) ?? committed,
      (record) => commitOf(record, 9n),
      (record) => ({ kind: "release", lease: leaseOf(record) }),
      () => claimBy("owner-2"),
    );
    const [claimed = committed] = await rangesOf(ledger, running);
    const taken = await applied(subject(), claimed, (record) => rejecting(record, 11n, 9n, 10n));
    await expect(rangesOf(ledger, taken)).resolves.toEqual([taken]);
    const how = aSplit({ at: 12n, lease: leaseOf(taken) });
    const { first, rest } = halvesOf(await ledger.splitRange(taken, how));

    const listed = { counts: { rejected: 4n }, rejectedOffsets: listOffsets([5n, 7n, 9n, 10n]) };
    expect(first).toMatchObject({ status: "QUARANTINED", ...listed });
    expect(rest?.rejectedOffsets).toBeUndefined();
    await expect(rangesOf(ledger, running)).resolves.toEqual([first, rest]);
  });

  test("closes a range that is split at its end, and plans nothing", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());

    const outcome = halvesOf(await ledger.splitRange(running, aSplit({ at: 15n, lease: leaseOf(running) })));

    expect(outcome.first).toMatchObject({ status: "QUARANTINED", untilOffset: 15n });
    expect(outcome.rest).toBeUndefined();
    await expect(rangesOf(ledger, running)).resolves.toEqual([outcome.first]);
  });

  test("the rest is claimed, committed and completed like any range", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const { rest } = halvesOf(await ledger.splitRange(running, aSplit({ lease: leaseOf(running) })));

    const done = await applied(subject(), rest ?? running, () => claimBy("owner-2"), completionOf);

    expect(done).toMatchObject({ status: "COMPLETED", fromOffset: 9n, counts: { delivered: 6n }, leaseCounter: 2 });
  });

  test("RS6: the rest of a split by somebody who has no lease is due at once, and a processor's is its own to claim", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const { rest: processors } = halvesOf(await ledger.splitRange(running, aSplit({ lease: leaseOf(running) })));
    const expired = await aClaimedRange(subject());

    const { rest: operators } = halvesOf(await ledger.splitRange(expired, aSplit({ now: NOW + LEASE_MS })));

    const redispatch = { kind: "redispatch", now: NOW - LEASE_MS, dispatchTimeoutMs: 3_600_000 } as const;
    await expect(ledger.changeRange(operators ?? expired, redispatch)).resolves.toMatchObject({ kind: "changed" });
    await expect(ledger.changeRange(processors ?? running, redispatch)).resolves.toMatchObject({
      kind: "refused",
      refusal: { kind: "notDue" },
    });
  });

  test("G3: nobody splits a range under another's lease, nor its owner once the lease is taken over", async () => {
    const { ledger, other } = subject();
    const zombie = await aClaimedRange(subject());
    const held = await ledger.splitRange(zombie, aSplit());
    expect(held).toMatchObject({ kind: "refused", refusal: { kind: "held", by: "owner-1" }, record: zombie });
    const taken = changed(await other.changeRange(zombie, claimBy("owner-2", NOW + LEASE_MS)));

    const late = await ledger.splitRange(zombie, aSplit({ lease: leaseOf(zombie) }));

    expect(late).toEqual({ kind: "refused", refusal: { kind: "superseded" }, record: taken });
    await expect(rangesOf(ledger, zombie)).resolves.toEqual([taken]);
  });

  test("G3, G4: the owner of a range that was split writes nothing more", async () => {
    const { ledger, other } = subject();
    const zombie = await aClaimedRange(subject());
    const expired = aSplit({ now: NOW + LEASE_MS });
    const { first, rest } = halvesOf(await other.splitRange(zombie, expired));

    for (const event of [commitOf(zombie, 8n), completionOf(zombie), claimBy("owner-1", NOW + 2 * LEASE_MS)]) {
      await expect(ledger.changeRange(zombie, event)).resolves.toEqual({
        kind: "refused",
        refusal: { kind: "closed" },
        record: first,
      });
    }
    await expect(ledger.splitRange(zombie, expired)).resolves.toMatchObject({ kind: "refused", record: first });
    await expect(rangesOf(ledger, zombie)).resolves.toEqual([first, rest]);
  });

  test("a split that was decided on an outdated record is made of the present one", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const lease = leaseOf(running);
    await applied(subject(), running, (record) => commitOf(record, 8n));

    const { first } = halvesOf(await ledger.splitRange(running, aSplit({ lease })));

    expect(first).toMatchObject({ committedOffset: 8n, counts: { delivered: 3n } });
  });

  test("L1, L6: of splits and claims at the same time exactly one applies", async () => {
    const { ledger, other } = subject();
    const { record } = await ledger.planRange(aRange(aChain()));

    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) => {
        const side = index % 2 === 0 ? ledger : other;
        return index % 3 === 0
          ? side.changeRange(record, claimBy(`owner-${index}`))
          : side.splitRange(record, aSplit({ at: BigInt(7 + (index % 5)) }));
      }),
    );

    const winners = outcomes.filter(({ kind }) => kind === "changed" || kind === "split");
    expect(winners).toHaveLength(1);
    const ranges = await rangesOf(ledger, record);
    expect(ranges.map(({ fromOffset }) => fromOffset)).toEqual([
      5n,
      ...ranges.slice(0, -1).map((one) => one.untilOffset),
    ]);
    expect(ranges.at(-1)?.untilOffset).toBe(15n);
    expect(ranges).toHaveLength(winners[0]?.kind === "split" ? 2 : 1);
  });

  test("L2, L6: changes nothing when the rest's place is taken", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const { record: inTheWay } = await ledger.planRange(aRange(running.chain, { fromOffset: 9n }));

    const outcome = await ledger.splitRange(running, aSplit({ lease: leaseOf(running) }));

    expect(outcome).toEqual({ kind: "collided", record: inTheWay });
    await expect(rangesOf(ledger, running)).resolves.toEqual([running, inTheWay]);
  });

  test("says so when the record to split is missing", async () => {
    const { ledger, forget } = subject();
    const running = await aClaimedRange(subject());
    await forget(running);

    await expect(ledger.splitRange(running, aSplit({ lease: leaseOf(running) }))).resolves.toEqual({ kind: "missing" });
    await expect(rangesOf(ledger, running)).resolves.toEqual([]);
  });

  test("splits a range of a reprocess request beside the live chain", async () => {
    const { ledger } = subject();
    const requestId = randomUUID();
    const chain = aChain({ requestId });
    const running = await aClaimedRange(subject(), "owner-1", chain);

    const { first, rest } = halvesOf(await ledger.splitRange(running, aSplit({ lease: leaseOf(running) })));

    await expect(toArray(ledger.reprocessRanges(chain.pipeline, requestId))).resolves.toEqual([first, rest]);
  });
}
