import { expect, test } from "vitest";
import type { RangeEvent } from "../../../../shared/core/range/range-event.ts";
import type { RangeRecord } from "../../../../shared/core/range/range-record.ts";
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

const afterLease = NOW + LEASE_MS;
const operator = { by: "ann", reason: "ticket 17: ключ 🔑" };

function retry(now: number = NOW): RangeEvent {
  return { kind: "retry", operator, now };
}

function skip(now: number = NOW): RangeEvent {
  return { kind: "skip", operator, now, retentionMs: RETENTION_MS };
}

function skipRecord(offset: bigint, now: number = NOW): RangeEvent {
  return { kind: "skipRecord", operator, offset, now };
}

/** A range that committed [5, 8) and then failed for good. */
async function aHaltedRange<Output>(subject: LedgerUnderTest<Output>): Promise<RangeRecord> {
  const running = await aClaimedRange(subject);
  const error = { name: "TypeError", message: "x is not a function" };
  return applied(
    subject,
    running,
    (record) => commitOf(record, 8n),
    (record) => ({ kind: "fail", lease: leaseOf(record), error }),
  );
}

export function testOperatorActs<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("RS5: a retry gives a halted range its attempts again, where it was committed, and keeps who and why", async () => {
    const { ledger, other } = subject();
    const halted = await aHaltedRange(subject());

    const retried = changed(await ledger.changeRange(halted, retry()));

    expect(retried).toMatchObject({
      status: "PLANNED",
      failedAttempts: 0,
      committedOffset: 8n,
      operator: { ...operator, at: NOW },
    });
    await expect(other.newestRange(halted.chain)).resolves.toEqual(retried);
    const completed = await applied(subject(), retried, () => claimBy("owner-2"), completionOf);
    expect(completed).toMatchObject({ status: "COMPLETED", committedOffset: 15n, operator: { by: "ann" } });
  });

  test("RS6: a skip closes a range where it was committed, and the chain goes on behind it", async () => {
    const { ledger, other } = subject();
    const halted = await aHaltedRange(subject());

    const skipped = changed(await ledger.changeRange(halted, skip()));

    expect(skipped).toMatchObject({
      status: "SKIPPED",
      committedOffset: 8n,
      untilOffset: 15n,
      counts: { delivered: 3n },
      error: { name: "TypeError" },
      operator: { ...operator, at: NOW },
      expiresAt: NOW + RETENTION_MS,
    });
    const next = aRange(halted.chain, { fromOffset: 15n });
    await expect(other.planRange(next)).resolves.toEqual({ kind: "planned", record: next });
    await expect(toArray(ledger.ranges(halted.chain))).resolves.toEqual([skipped, next]);
  });

  test("RS8: a record is given up by a mark that whoever claims the range next sees, and splits off as SKIPPED", async () => {
    const { ledger, other } = subject();
    const halted = await aHaltedRange(subject());
    const marked = changed(await ledger.changeRange(halted, skipRecord(10n)));
    expect(marked).toMatchObject({ status: "PLANNED", committedOffset: 8n, skipOffset: 10n, failedAttempts: 0 });
    const due = { kind: "redispatch", now: NOW - LEASE_MS, dispatchTimeoutMs: 3_600_000 } as const;
    await expect(other.changeRange(marked, due)).resolves.toMatchObject({ kind: "changed" });
    const reached = await applied(
      subject(),
      marked,
      () => claimBy("owner-2"),
      (record) => commitOf(record, 10n),
    );

    const how = { at: 11n, first: "SKIPPED", lease: leaseOf(reached), now: NOW, retentionMs: RETENTION_MS } as const;
    const outcome = await other.splitRange(reached, how);

    expect(outcome).toMatchObject({
      kind: "split",
      first: { status: "SKIPPED", committedOffset: 10n, untilOffset: 11n, operator },
      rest: { status: "PLANNED", fromOffset: 11n, untilOffset: 15n },
    });
    const ranges = await toArray(ledger.ranges(halted.chain));
    expect(ranges.map((one) => [one.fromOffset, one.untilOffset, one.skipOffset])).toEqual([
      [5n, 11n, undefined],
      [11n, 15n, undefined],
    ]);
  });

  test("RS8: a retry takes the mark back, and what is processed by now is not marked", async () => {
    const { ledger } = subject();
    const halted = await aHaltedRange(subject());
    await ledger.changeRange(halted, skipRecord(10n));

    const retried = changed(await ledger.changeRange(halted, retry()));

    expect(retried.skipOffset).toBeUndefined();
    await expect(ledger.changeRange(halted, skipRecord(7n))).resolves.toEqual({
      kind: "refused",
      refusal: { kind: "superseded" },
      record: retried,
    });
  });

  test("G4: a skipped range changes by no event, neither by the processor that had it", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const skipped = changed(await ledger.changeRange(running, skip(afterLease)));
    const events = [claimBy("owner-2", afterLease), commitOf(running, 8n), completionOf(running), retry(), skip()];

    for (const event of events) {
      const outcome = await ledger.changeRange(running, event);
      expect(outcome).toEqual({ kind: "refused", refusal: { kind: "closed" }, record: skipped });
    }
  });

  test("G3: a range under a valid lease is neither retried nor skipped", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());

    for (const event of [retry(afterLease - 1), skip(afterLease - 1), skipRecord(8n, afterLease - 1)]) {
      const outcome = await ledger.changeRange(running, event);
      const refusal = { kind: "held", by: "owner-1", until: afterLease };
      expect(outcome).toEqual({ kind: "refused", refusal, record: running });
    }
  });

  test("G3, G4: of a claim and a skip at the same time exactly one applies", async () => {
    const { ledger, other } = subject();

    for (let round = 0; round < 5; round += 1) {
      const { record } = await ledger.planRange(aRange(aChain()));
      const outcomes = await Promise.all([
        ledger.changeRange(record, claimBy("owner-1")),
        other.changeRange(record, skip()),
      ]);

      const stored = await ledger.newestRange(record.chain);
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["changed", "refused"]);
      expect(stored?.revision).toBe(2);
      expect(stored?.status).toBe(outcomes[0]?.kind === "changed" ? "RUNNING" : "SKIPPED");
    }
  });

  test("a retry of what was seen long ago is judged by the present record", async () => {
    const { ledger } = subject();
    const halted = await aHaltedRange(subject());
    const running = await applied(
      subject(),
      halted,
      () => retry(),
      () => claimBy("owner-2"),
    );

    const outcome = await ledger.changeRange(halted, retry());

    expect(outcome).toMatchObject({ kind: "refused", refusal: { kind: "held", by: "owner-2" }, record: running });
  });
}
