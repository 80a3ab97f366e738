import { expect, test } from "vitest";
import type { RangeEvent } from "../../../../shared/core/range/range-event.ts";
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

export function testChanges<Output>(subject: () => LedgerUnderTest<Output>): void {
  test("claims a planned range and remembers whose it is", async () => {
    const { ledger } = subject();
    const { record } = await ledger.planRange(aRange(aChain()));

    const claimed = changed(await ledger.changeRange(record, claimBy("owner-1")));

    expect(claimed).toMatchObject({ status: "RUNNING", revision: 2, attempt: 1 });
    expect(claimed.lease).toEqual({ owner: "owner-1", counter: 1, expiresAt: afterLease });
    await expect(ledger.newestRange(record.chain)).resolves.toEqual(claimed);
  });

  test("G3: of processors that claim at the same time exactly one wins, the others learn who", async () => {
    const { ledger, other } = subject();
    const { record } = await ledger.planRange(aRange(aChain()));

    const outcomes = await Promise.all(
      Array.from({ length: 12 }, (_, index) =>
        (index % 2 === 0 ? ledger : other).changeRange(record, claimBy(`owner-${index}`)),
      ),
    );

    const winner = outcomes.find(({ kind }) => kind === "changed");
    const losers = outcomes.filter((outcome) => outcome !== winner);
    const holder = (await ledger.newestRange(record.chain))?.lease;
    expect(holder?.counter).toBe(1);
    expect(losers).toHaveLength(11);
    for (const loser of losers) {
      expect(loser).toMatchObject({ kind: "refused", refusal: { kind: "held", by: holder?.owner, until: afterLease } });
    }
  });

  test("G3: a duplicate event does not claim a second time while the first one runs", async () => {
    const { ledger } = subject();
    const { record } = await ledger.planRange(aRange(aChain()));
    const claimed = changed(await ledger.changeRange(record, claimBy("owner-1")));

    const outcome = await ledger.changeRange(record, claimBy("owner-2"));

    expect(outcome).toMatchObject({ kind: "refused", refusal: { kind: "held", by: "owner-1" }, record: claimed });
  });

  test("a claim that was refused by an outdated record is judged by the present one", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    await ledger.changeRange(running, { kind: "release", lease: leaseOf(running) });

    const outcome = await ledger.changeRange(running, claimBy("owner-2"));

    expect(changed(outcome).lease).toMatchObject({ owner: "owner-2", counter: 2 });
  });

  test("an expired lease is taken over with a higher counter", async () => {
    const { other } = subject();
    const running = await aClaimedRange(subject());

    const taken = changed(await other.changeRange(running, claimBy("owner-2", afterLease)));

    expect(taken).toMatchObject({ attempt: 2, failedAttempts: 1, lease: { owner: "owner-2", counter: 2 } });
  });

  test("G3: whoever lost the lease can neither commit, complete, fail nor release", async () => {
    const { ledger, other } = subject();
    const zombie = await aClaimedRange(subject());
    const taken = changed(await other.changeRange(zombie, claimBy("owner-2", afterLease)));
    const lease = leaseOf(zombie);
    const events: readonly RangeEvent[] = [
      commitOf(zombie, 8n),
      completionOf(zombie),
      { kind: "fail", lease, error: { name: "Error", message: "too late" } },
      { kind: "release", lease },
    ];

    for (const event of events) {
      await expect(ledger.changeRange(zombie, event)).resolves.toEqual({
        kind: "refused",
        refusal: { kind: "superseded" },
        record: taken,
      });
    }
    await expect(ledger.newestRange(zombie.chain)).resolves.toEqual(taken);
  });

  test("G4: a completed range changes by no event but its renewal", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const completed = await applied(subject(), running, completionOf);
    const lease = leaseOf(running);
    const events: readonly RangeEvent[] = [
      claimBy("owner-2", afterLease),
      commitOf(running, 8n),
      completionOf(running),
      { kind: "fail", lease, error: { name: "Error", message: "too late" } },
      { kind: "release", lease },
      { kind: "expire", now: afterLease, mayRetry: true },
      { kind: "redispatch", now: afterLease, dispatchTimeoutMs: 1 },
    ];

    for (const seen of [running, completed]) {
      for (const event of events) {
        const outcome = await ledger.changeRange(seen, event);
        expect(outcome).toEqual({ kind: "refused", refusal: { kind: "closed" }, record: completed });
      }
    }
    const renewal = { kind: "renew", now: NOW + RETENTION_MS, retentionMs: RETENTION_MS } as const;
    const renewed = changed(await ledger.changeRange(running, renewal));
    expect(renewed).toEqual({
      ...completed,
      revision: completed.revision + 1,
      writeId: renewed.writeId,
      expiresAt: NOW + 2 * RETENTION_MS,
    });
  });

  test("commits what was read, and moves only from where it was", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const committed = changed(await ledger.changeRange(running, commitOf(running, 8n)));
    expect(committed).toMatchObject({ committedOffset: 8n, counts: { delivered: 3n }, leaderEpoch: 7 });

    const repeated = await ledger.changeRange(running, commitOf(running, 9n));

    expect(repeated).toEqual({ kind: "refused", refusal: { kind: "superseded" }, record: committed });
  });

  test("L1: of commits that follow the same offset exactly one applies", async () => {
    const { ledger, other } = subject();
    const running = await aClaimedRange(subject());

    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? ledger : other).changeRange(running, commitOf(running, 6n + BigInt(index % 9))),
      ),
    );

    const winners = outcomes.filter(({ kind }) => kind === "changed");
    expect(winners).toHaveLength(1);
    await expect(ledger.newestRange(running.chain)).resolves.toMatchObject({
      revision: 3,
      committedOffset: winners[0]?.kind === "changed" ? winners[0].record.committedOffset : undefined,
    });
  });

  test("completes with what is left and lets the table forget the range in time", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const committed = await applied(subject(), running, (record) => commitOf(record, 8n));

    const completed = changed(await ledger.changeRange(committed, completionOf(committed)));

    expect(completed).toMatchObject({
      status: "COMPLETED",
      committedOffset: 15n,
      counts: { delivered: 10n },
      completedAt: NOW,
      expiresAt: NOW + RETENTION_MS,
    });
    expect(completed.lease).toBeUndefined();
    await expect(ledger.newestRange(running.chain)).resolves.toEqual(completed);
  });

  test("keeps what failed, and when the next attempt is due", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const error = { name: "TypeError", message: "x is not a function: ключ 🔑" };

    const failed = changed(
      await ledger.changeRange(running, { kind: "fail", lease: leaseOf(running), error, nextAttemptAt: NOW + 500 }),
    );

    expect(failed).toMatchObject({ status: "FAILED", failedAttempts: 1, error, nextAttemptAt: NOW + 500 });
    await expect(ledger.newestRange(running.chain)).resolves.toEqual(failed);
    const early = await ledger.changeRange(failed, claimBy("owner-2"));
    expect(early).toMatchObject({ kind: "refused", refusal: { kind: "notDue", dueAt: NOW + 500 } });
  });

  test("halts a range whose failure is final", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const error = { name: "Error", message: "" };
    const halted = changed(await ledger.changeRange(running, { kind: "fail", lease: leaseOf(running), error }));

    const outcome = await ledger.changeRange(halted, claimBy("owner-2", afterLease));

    expect(outcome).toEqual({ kind: "refused", refusal: { kind: "halted" }, record: halted });
  });

  test("hands a released range to the next claim at the committed offset", async () => {
    const { ledger } = subject();
    const running = await aClaimedRange(subject());
    const committed = await applied(subject(), running, (record) => commitOf(record, 8n));

    const released = changed(await ledger.changeRange(committed, { kind: "release", lease: leaseOf(committed) }));

    expect(released).toMatchObject({ status: "PLANNED", committedOffset: 8n });
    const reclaimed = await applied(subject(), released, () => claimBy("owner-2"));
    expect(reclaimed).toMatchObject({ committedOffset: 8n, lease: { owner: "owner-2", counter: 2 } });
  });

  test("expires only a lease that is over, once", async () => {
    const { ledger, other } = subject();
    const running = await aClaimedRange(subject());
    const early = await ledger.changeRange(running, { kind: "expire", now: afterLease - 1, mayRetry: true });
    expect(early).toMatchObject({ kind: "refused", refusal: { kind: "held", by: "owner-1", until: afterLease } });

    const expire: RangeEvent = { kind: "expire", now: afterLease, mayRetry: true };
    const outcomes = await Promise.all([ledger.changeRange(running, expire), other.changeRange(running, expire)]);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["changed", "refused"]);
    await expect(ledger.newestRange(running.chain)).resolves.toMatchObject({ status: "FAILED", failedAttempts: 1 });
  });

  test("dispatches an overdue range again, once for two schedulers", async () => {
    const { ledger, other } = subject();
    const { record } = await ledger.planRange(aRange(aChain()));
    const redispatch: RangeEvent = { kind: "redispatch", now: NOW + 100, dispatchTimeoutMs: 100 };

    const outcomes = await Promise.all([ledger.changeRange(record, redispatch), other.changeRange(record, redispatch)]);

    expect(outcomes.map(({ kind }) => kind).sort()).toEqual(["changed", "refused"]);
    await expect(ledger.newestRange(record.chain)).resolves.toMatchObject({ dispatchedAt: NOW + 100, revision: 2 });
  });

  test("says so when the record is missing", async () => {
    const { ledger, forget } = subject();
    const running = await aClaimedRange(subject());
    await forget(running);

    for (const event of [claimBy("owner-2", afterLease), commitOf(running, 8n), completionOf(running)]) {
      await expect(ledger.changeRange(running, event)).resolves.toEqual({ kind: "missing" });
    }
    await expect(toArray(ledger.ranges(running.chain))).resolves.toEqual([]);
  });

  test("L1: an event that was decided on a forgotten record does not touch the one planned in its place", async () => {
    const { ledger, forget } = subject();
    const first = await aClaimedRange(subject(), "owner-1");
    await forget(first);
    const second = await aClaimedRange(subject(), "owner-2", first.chain);
    expect(second.revision).toBe(first.revision);

    const outcome = await ledger.changeRange(first, commitOf(first, 8n));

    expect(outcome).toEqual({ kind: "refused", refusal: { kind: "superseded" }, record: second });
  });
}
