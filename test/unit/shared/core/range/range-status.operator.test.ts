import { expect, test } from "vitest";
import { dueAt } from "../../../../../shared/core/range/due-at.ts";
import { unprocessedPart } from "../../../../../shared/core/range/offset-outcomes.ts";
import type { RangeEvent } from "../../../../../shared/core/range/range-event.ts";
import { pieceEnd } from "../../../../../shared/core/range/range-narrowing.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../../../shared/core/range/range-status.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const operator = { by: "ann", reason: "the schema is mended" };
const NOW = START + 500;
const retry: RangeEvent = { kind: "retry", operator, now: NOW };
const skip: RangeEvent = { kind: "skip", operator, now: NOW, retentionMs: 1_000 };
const skipRecord: RangeEvent = { kind: "skipRecord", operator, offset: 7n, now: NOW };
const counts = { delivered: 1n, aborted: 1n, control: 0n, bytes: 70n };

function applied(record: RangeRecord, event: RangeEvent): RangeRecord {
  const transition = applyEvent(record, event, "write-2");
  if (transition.kind === "refused") {
    throw new Error(`refused: ${transition.refusal.kind}`);
  }
  return transition.record;
}

test("RS5: a retry makes a halted range due at once, with all its attempts, where it was committed", () => {
  const halted = aHaltedRecord({ committedOffset: 7n, counts, failedAttempts: 5, dispatchedAt: START + 900_000 });

  const retried = applied(halted, retry);

  const { dispatchedAt: _dispatched, ...rest } = halted;
  expect(retried).toEqual({
    ...rest,
    status: "PLANNED",
    failedAttempts: 0,
    operator: { ...operator, at: NOW },
    revision: 2,
    writeId: "write-2",
  });
  expect(dueAt(retried, 30_000)).toBe(0);
});

test("RS5: a retried range is claimed by a host whose clock is far behind, and by whoever was dispatched before", () => {
  const claim: RangeEvent = { kind: "claim", owner: "processor-2", now: START - 60_000, leaseMs: 1_000 };

  expect(applied(applied(aHaltedRecord(), retry), claim).status).toBe("RUNNING");
});

test("RS6: a skip closes a range where it was committed and leaves the error that led to it", () => {
  const halted = aHaltedRecord({ committedOffset: 7n, counts });

  const skipped = applied(halted, skip);

  expect(skipped).toEqual({
    ...halted,
    status: "SKIPPED",
    operator: { ...operator, at: NOW },
    completedAt: NOW,
    expiresAt: NOW + 1_000,
    revision: 2,
    writeId: "write-2",
  });
  expect(unprocessedPart(skipped)).toEqual({ topic: "orders", partition: 3, fromOffset: 7n, untilOffset: 9n });
  expect(unprocessedPart(halted)).toBeUndefined();
});

test.each([retry, skip, skipRecord])(
  "RS6: a $kind ends no valid lease, and says whose it is and until when",
  (event) => {
    const running = aRangeRecord({ status: "RUNNING" });
    const until = START + 60_000;

    expect(applyEvent(running, { ...event, now: until - 1 }, "write-2")).toEqual({
      kind: "refused",
      refusal: { kind: "held", by: "processor-1", until },
    });
  },
);

test.each([retry, skip, skipRecord])(
  "RS3, RS6: the processor whose lease had expired when a %s came cannot write",
  (event) => {
    const running = aRangeRecord({ status: "RUNNING" });
    const lease = { owner: "processor-1", counter: 1 };
    const writes: readonly RangeEvent[] = [
      { kind: "commit", lease, fromOffset: 5n, untilOffset: 7n, counts: NO_COUNTS },
      { kind: "complete", lease, fromOffset: 5n, counts: NO_COUNTS, now: NOW, retentionMs: 1 },
      { kind: "fail", lease, error: { name: "Error", message: "boom" } },
      { kind: "release", lease },
    ];

    const after = applied(running, { ...event, now: START + 60_000 });

    expect(after).not.toHaveProperty("lease");
    for (const write of writes) {
      expect(applyEvent(after, write, "write-3").kind).toBe("refused");
    }
  },
);

test("RS6: a long name and reason are cut between characters", () => {
  const long = { by: "🔑".repeat(200), reason: "🔒".repeat(200) };

  const { operator: kept } = applied(aHaltedRecord(), { ...retry, operator: long });

  expect(kept).toEqual({ by: "🔑".repeat(128), reason: "🔒".repeat(160), at: NOW });
});

test("RS6: what an operator did stays in the record through the attempts that follow", () => {
  const claim: RangeEvent = { kind: "claim", owner: "processor-2", now: NOW, leaseMs: 1_000 };

  const running = applied(applied(aHaltedRecord(), retry), claim);

  expect(running.operator).toEqual({ ...operator, at: NOW });
});

test("RS8: a record is given up by a range that is due at once, with all its attempts, and goes no further than to it", () => {
  const halted = aHaltedRecord({
    committedOffset: 6n,
    counts,
    failedAttempts: 5,
    narrowed: { length: 1n },
    quarantined: 2,
  });

  const marked = applied(halted, skipRecord);

  const { narrowed: _n, quarantined: _q, dispatchedAt: _d, ...rest } = halted;
  expect(marked).toEqual({
    ...rest,
    status: "PLANNED",
    failedAttempts: 0,
    skipOffset: 7n,
    operator: { ...operator, at: NOW },
    revision: 2,
    writeId: "write-2",
  });
  expect([pieceEnd(marked), dueAt(marked, 30_000)]).toEqual([7n, 0]);
});

test("RS8: neither a commit nor a completion passes the record that is to be skipped", () => {
  const running = aRangeRecord({ status: "RUNNING", skipOffset: 7n });
  const progress = { lease: { owner: "processor-1", counter: 1 }, fromOffset: 5n, counts: NO_COUNTS };

  const committed = applied(running, { kind: "commit", ...progress, untilOffset: 7n });

  expect(committed).toMatchObject({ committedOffset: 7n, skipOffset: 7n });
  expect(() => applyEvent(running, { kind: "commit", ...progress, untilOffset: 8n }, "write-2")).toThrow("pass 7");
  expect(() => applyEvent(running, { kind: "complete", ...progress, now: NOW, retentionMs: 1 }, "write-2")).toThrow(
    "pass 7",
  );
});

test.each([
  ["a later word on another record", { ...skipRecord, offset: 8n }, 8n],
  ["a retry", retry, undefined],
  ["a skip of all", skip, undefined],
])("RS8: %s takes the place of the one before", (_, event, expected) => {
  expect(applied(applied(aHaltedRecord(), skipRecord), event).skipOffset).toBe(expected);
});

test("RS8: a record that was processed meanwhile is not given up", () => {
  expect(applyEvent(aHaltedRecord({ committedOffset: 8n }), skipRecord, "write-2")).toEqual({
    kind: "refused",
    refusal: { kind: "superseded" },
  });
});

test("RS8: a record that an output has prepared with others is not given up: it may take effect", () => {
  const prepared = { untilOffset: 8n, counts: NO_COUNTS, output: "S3", memo: "m" };

  expect(applyEvent(aHaltedRecord({ prepared }), skipRecord, "write-2")).toEqual({
    kind: "refused",
    refusal: { kind: "prepared", untilOffset: 8n },
  });
  expect(applied(aHaltedRecord({ prepared }), { ...skipRecord, offset: 8n })).toMatchObject({
    ...{ status: "PLANNED", skipOffset: 8n, prepared },
  });
});

test.each([retry, skipRecord])(
  "RS9: a $kind of one revision is refused by every later one, halted again or not",
  (event) => {
    const seen = aHaltedRecord({ revision: 4 });
    const ofSeen = { ...event, ofRevision: 4 };

    const after = applied(seen, ofSeen);

    expect(after).toMatchObject({ status: "PLANNED", revision: 5 });
    for (const later of [after, { ...seen, revision: 7 }, aRangeRecord({ revision: 5, status: "RUNNING" })]) {
      expect(applyEvent(later, ofSeen, "write-3")).toEqual({ kind: "refused", refusal: { kind: "superseded" } });
    }
  },
);
