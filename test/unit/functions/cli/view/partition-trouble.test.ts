import { describe, expect, test } from "vitest";
import { troubleOf } from "../../../../../functions/cli/view/partition-trouble.ts";
import type { PartitionStatus } from "../../../../../functions/cli/view/read-status.ts";
import { attemptErrorOf } from "../../../../../functions/processor/attempt/attempt-error-of.ts";
import type { AttemptError } from "../../../../../shared/core/attempt-error.ts";
import type { RangeEvent } from "../../../../../shared/core/range/range-event.ts";
import { RANGE_STATUSES } from "../../../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../../../shared/core/range/range-status.ts";
import { decodeRange, encodeRange } from "../../../../../shared/dynamodb/items/item-codec.ts";
import { requireInsideLog, truncatedError } from "../../../../../shared/kafka/read/log-bounds.ts";
import { RangeProgress } from "../../../../../shared/kafka/read/range-progress.ts";
import { aChain, aHaltedRecord, aRange, aRangeRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { START } from "../../../../support/fake-clock.ts";

const range = aRange();
const newest = aRangeRecord();
const place = { table: "ledger" };
const error = { name: "RangeReadError", message: "the broker is gone" };
const since = new Date(START).toISOString();

function trouble(status: Partial<PartitionStatus>) {
  return troubleOf({ pipeline: "word-count", topic: "orders", partition: 3, ...status }, place);
}

/** As the processor keeps it. */
async function kept(run: () => unknown): Promise<AttemptError> {
  const thrown = await (async () => run())().then(
    () => expect.unreachable("nothing was thrown"),
    (reason: unknown) => reason,
  );
  const { untilOffset } = newest;
  const attempt = {
    claimed: { ...newest, lease: { owner: "a", counter: 1, expiresAt: 1 } },
    record: newest,
    signal: AbortSignal.abort(),
    untilOffset,
    startedAt: 0,
    throttleTimeMs: 0,
    isRetry: false,
  };
  return attemptErrorOf(attempt, thrown);
}

test.each(RANGE_STATUSES)("a %s range without an error is no trouble", (status) => {
  const { error: _none, ...newest } = aRangeRecord({ status });

  expect(trouble({ newest })).toBeUndefined();
});

test.each(["COMPLETED", "SKIPPED", "LOST", "QUARANTINED"] as const)("what led to a %s range is over", (status) => {
  expect(trouble({ newest: aRangeRecord({ status, error }) })).toBeUndefined();
});

test("a halted range is retried by its first offset", () => {
  expect(trouble({ newest: aHaltedRecord({ committedOffset: 7n }) })).toEqual({
    why: "RangeReadError: the broker is gone",
    command: "npx ranges retry --table ledger --pipeline word-count --range orders:3:5",
  });
});

/** What a fetch says of a log that begins at the offset. */
function lossBelow(logStartOffset: bigint, topic = "orders"): Promise<AttemptError> {
  const step = { request: { range: aRange({ topic }), isolationLevel: "read_committed" } } as Parameters<
    typeof requireInsideLog
  >[1];
  const fetched = { logStartOffset } as Parameters<typeof requireInsideLog>[2];
  // No leader is asked: the first answer tells.
  return kept(() => requireInsideLog({} as Parameters<typeof requireInsideLog>[0], step, fetched));
}

test("of a range whose records are gone only those are skipped", async () => {
  const skip = "npx ranges skip --table ledger --pipeline word-count --range orders:3:5";

  const partly = trouble({ newest: aHaltedRecord({ error: await lossBelow(7n) }) });
  const wholly = trouble({ newest: aHaltedRecord({ error: await lossBelow(12n) }) });
  const withTopic = { name: "DataLossError", message: "re-created", loss: { kind: "topicGone" } } as const;

  expect(partly?.command).toBe(`${skip} --until 7 --reason 'the records are gone'`);
  expect(wholly?.command).toBe(`${skip} --reason 'the records are gone'`);
  expect(trouble({ newest: aHaltedRecord({ error: withTopic }) })?.command).toBe(
    `${skip} --reason 'the records are gone'`,
  );
});

test.each([249, 175])(
  "G6: of a topic whose name of %d characters leaves little of the error's text no more is skipped either",
  async (length) => {
    const topic = "t".repeat(length);
    const operator = { by: "b".repeat(128), reason: "r".repeat(160), at: START };
    const stored = aHaltedRecord({ topic, error: await lossBelow(7n, topic), operator });

    const read = decodeRange(encodeRange(stored));

    expect(trouble({ newest: read })?.command).toContain(" --until 7 ");
    expect(read.error?.message).not.toContain("begins at 7");
  },
);

test("a part of a request's range is not skipped: no command is shown", async () => {
  const chain = aChain({ requestId: "again-1" });

  expect(trouble({ newest: aHaltedRecord({ chain, error: await lossBelow(7n) }) })?.command).toBeUndefined();
  expect(trouble({ newest: aHaltedRecord({ chain, error: await lossBelow(9n) }) })?.command).toContain("ranges skip");
});

test("G6: where the log may hold records still no command is shown that would give them up, whatever the text says", async () => {
  const progress = new RangeProgress(range, { maxDecompressedBatchBytes: 1, requireConsecutiveOffsets: true });
  const hole = await kept(() => progress.finish());
  const truncated = await kept(() => {
    throw truncatedError(range, { offset: 5n, previousLeaderEpoch: 3 }, 4n);
  });
  const alike = { name: "DataLossError", message: "the log begins at 8: requireConsecutiveOffsets" };

  expect(trouble({ newest: aHaltedRecord({ error: hole }) })).toEqual({ why: `DataLossError: ${hole.message}` });
  expect(trouble({ newest: aHaltedRecord({ error: truncated }) })).toEqual({
    why: `DataLossError: ${truncated.message}`,
  });
  // Written by code that kept no facts: the next attempt does.
  expect(trouble({ newest: aHaltedRecord({ error: alike }) })?.command).toContain("ranges retry");
});

test("of code that failed with one record in hand both are shown: to retry once it is mended, and to give up that record", () => {
  const inHand = { fromOffset: 7n, untilOffset: 8n };
  const error = { name: "SyntaxError", message: "not JSON", inHand };
  const range = "--table ledger --pipeline word-count --range orders:3:5";

  expect(trouble({ newest: aHaltedRecord({ error }) })).toEqual({
    why: "with offset 7 in hand, SyntaxError: not JSON",
    command: `npx ranges retry ${range}`,
    giveUpCommand: `npx ranges skip ${range} --offset 7 --reason 'the code fails at it'`,
  });
});

test("of code that failed with a batch in hand it is not known which record it was, and none is given up", () => {
  const error = { name: "SyntaxError", message: "not JSON", inHand: { fromOffset: 6n, untilOffset: 9n } };

  expect(trouble({ newest: aHaltedRecord({ error }) })).toEqual({
    why: "with offsets [6, 9) in hand, SyntaxError: not JSON",
    command: "npx ranges retry --table ledger --pipeline word-count --range orders:3:5",
  });
});

test("a failed range that is tried again needs no command", () => {
  expect(trouble({ newest: aRangeRecord({ status: "FAILED" }) })).toEqual({
    why: `RangeReadError: the broker is gone; the next attempt is due at ${new Date(START + 1_000).toISOString()}`,
  });
});

describe("what an operator made due", () => {
  const error = { name: "TypeError", message: "boom" };
  const said = { operator: { by: "ann", reason: "mended" }, now: 0 };
  const whyAfter = (...events: readonly RangeEvent[]) =>
    trouble({
      newest: events.reduce((record, event) => {
        const transition = applyEvent(record, event, "w");
        return transition.kind === "changed" ? transition.record : expect.unreachable(transition.refusal.kind);
      }, aHaltedRecord({ error })),
    })?.why;
  const retry: RangeEvent = { kind: "retry", ...said };
  const dispatch: RangeEvent = { kind: "redispatch", now: 1_000, dispatchTimeoutMs: 60_000 };
  const claim: RangeEvent = { kind: "claim", owner: "processor", now: 2_000, leaseMs: 60_000 };

  test("says by whom, when and why until its next attempt ends, and what it failed by before", () => {
    const retried = "retried by ann at 1970-01-01T00:00:00.000Z: mended";
    const { attempt } = aHaltedRecord();

    expect(whyAfter(retry)).toBe(`${retried}; due at once; before: TypeError: boom`);
    expect(whyAfter(retry, dispatch)).toBe(
      `${retried}; dispatched at 1970-01-01T00:00:01.000Z; before: TypeError: boom`,
    );
    expect(whyAfter(retry, dispatch, claim)).toBe(
      `${retried}; attempt ${attempt + 1} has begun; before: TypeError: boom`,
    );
  });

  test("shows what its next attempt failed by, and only that, once it has failed", () => {
    const lease = { owner: "processor", counter: aHaltedRecord().leaseCounter + 1 };
    const fail = {
      kind: "fail",
      lease,
      error: { name: "RangeError", message: "bang" },
      nextAttemptAt: 3_000,
    } as const;

    expect(whyAfter(retry, claim, fail)).toBe("RangeError: bang; the next attempt is due at 1970-01-01T00:00:03.000Z");
    expect(whyAfter(retry, claim, fail, { ...claim, now: 3_000 })).toMatch(
      /^attempt \d+ has begun; before: RangeError: bang$/,
    );
    expect(whyAfter(retry, claim, { ...fail, isOutage: true }, { ...claim, now: 3_000 })).toMatch(
      /^attempt \d+ has begun;/,
    );
  });

  test("names the record that is to be skipped, by whose word", () => {
    expect(whyAfter({ kind: "skipRecord", offset: 7n, ...said })).toBe(
      "offset 7 is to be skipped, as said by ann at 1970-01-01T00:00:00.000Z: mended; due at once; before: TypeError: boom",
    );
  });
});

test("a pause goes before everything else, and is taken back in its own scope", () => {
  const act = { by: "ann", reason: "the schema changes", at: START };
  const of = { topicId: ORDERS_ID, topic: "orders", partition: 3 };

  expect(trouble({ newest: aHaltedRecord(), pause: { ...act, of } })).toEqual({
    why: `paused by ann since ${since}: the schema changes`,
    command: "npx ranges resume --table ledger --pipeline word-count --partition orders:3",
  });
  expect(trouble({ pause: act })).toEqual({
    why: `the pipeline is paused by ann since ${since}: the schema changes`,
    command: "npx ranges resume --table ledger --pipeline word-count",
  });
});

test("a chain that the ledger has lost is for no command to bring back", () => {
  expect(trouble({})).toEqual({
    why: "its ledger records are missing; restore the table to a point in time that has them",
  });
});
