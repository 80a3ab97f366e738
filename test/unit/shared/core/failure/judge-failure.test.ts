import { expect, test } from "vitest";
import type { Loss, OffsetsInHand } from "../../../../../shared/core/attempt-error.ts";
import {
  ConfigurationError,
  CorruptRecordError,
  DataLossError,
  DeadlineError,
  LedgerIntegrityError,
  OutputLimitError,
  ProtocolError,
  RangeReadError,
} from "../../../../../shared/core/errors.ts";
import { outageBackoffMs } from "../../../../../shared/core/failure/backoff.ts";
import { type FailureRules, judgeFailure } from "../../../../../shared/core/failure/judge-failure.ts";
import { DEFAULT_MAX_OUTAGE_ATTEMPTS } from "../../../../../shared/core/limits.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { aRangeRecord, processorRules } from "../../../../support/builders/builders.ts";

const bad = new SyntaxError("not JSON");
const corrupt = new CorruptRecordError("its checksum is wrong");
const outage = new RangeReadError("the broker is gone");
const late = new DeadlineError("time is up");
const large = new OutputLimitError("100 outputs");

type Errors = "bad" | "corrupt" | "outage" | "late" | "large";
const errors: Record<Errors, Error> = { bad, corrupt, outage, late, large };

interface Case {
  /** How often the range failed since its last progress, of maxAttempts 3. */
  readonly failedBefore: number;
  readonly size: "several" | "searched" | "alone";
  readonly onFailure: FailureRules["onFailure"];
}

/** What follows, by error. */
const table: readonly (readonly [Case, Record<Errors, string>])[] = [
  [
    { failedBefore: 0, size: "several", onFailure: "halt" },
    { bad: "retry", corrupt: "halt", outage: "wait", late: "retry", large: "narrow" },
  ],
  [
    { failedBefore: 1, size: "several", onFailure: "halt" },
    { bad: "retry", corrupt: "halt", outage: "wait", late: "narrow", large: "narrow" },
  ],
  [
    { failedBefore: 2, size: "several", onFailure: "halt" },
    { bad: "halt", corrupt: "halt", outage: "wait", late: "narrow", large: "narrow" },
  ],
  [
    { failedBefore: 2, size: "alone", onFailure: "halt" },
    { bad: "halt", corrupt: "halt", outage: "wait", late: "halt", large: "halt" },
  ],
  [
    { failedBefore: 0, size: "several", onFailure: "quarantine" },
    { bad: "retry", corrupt: "narrow", outage: "wait", late: "retry", large: "narrow" },
  ],
  [
    { failedBefore: 2, size: "several", onFailure: "quarantine" },
    { bad: "narrow", corrupt: "narrow", outage: "wait", late: "narrow", large: "narrow" },
  ],
  [
    { failedBefore: 0, size: "searched", onFailure: "quarantine" },
    { bad: "narrow", corrupt: "narrow", outage: "wait", late: "retry", large: "narrow" },
  ],
  [
    { failedBefore: 0, size: "alone", onFailure: "quarantine" },
    { bad: "retry", corrupt: "retry", outage: "wait", late: "retry", large: "retry" },
  ],
  [
    { failedBefore: 2, size: "alone", onFailure: "quarantine" },
    { bad: "quarantine", corrupt: "quarantine", outage: "wait", late: "halt", large: "quarantine" },
  ],
];

function recordOf({ failedBefore, size }: Pick<Case, "failedBefore" | "size">, overrides: Partial<RangeRecord> = {}) {
  const untilOffset = size === "alone" ? 6n : 13n;
  const alone = { length: 1n, suspectUntil: 6n, blamed: failedBefore };
  const narrowed = size === "several" ? {} : { narrowed: size === "alone" ? alone : { length: 4n, suspectUntil: 13n } };
  return aRangeRecord({ status: "RUNNING", untilOffset, failedAttempts: failedBefore, ...narrowed, ...overrides });
}

const cells = table.flatMap(
  ([one, expected]) => Object.entries(expected).map(([error, kind]) => ({ ...one, error: error as Errors, kind })), // Forgotten by entries.
);

test.each(cells)(
  "JF1-JF4: after $failedBefore failures of $size under $onFailure, $error is followed by: $kind",
  ({ error, kind, ...one }) => {
    const record = recordOf(one);
    const rules = processorRules({ onFailure: one.onFailure });

    const judged = judgeFailure({ record, untilOffset: record.untilOffset, error: errors[error] }, rules);

    expect(judged.kind).toBe(kind);
  },
);

test.each([
  [0, outage, "wait"],
  [38, outage, "wait"],
  [39, outage, "halt"],
  [38, new ConfigurationError("the secret may not be read"), "wait"],
  [39, new ConfigurationError("the secret may not be read"), "halt"],
  [0, new ProtocolError("an answer that nobody knows"), "halt"],
  [0, new LedgerIntegrityError("schema 2"), "halt"],
] as const)("JF2: after %i outages in a row, %s is followed by: %s", (outages, error, kind) => {
  const record = recordOf({ failedBefore: 2, size: "several" }, outages === 0 ? {} : { outages });

  expect(judgeFailure({ record, untilOffset: 13n, error }, processorRules()).kind).toBe(kind);
});

test("JF2: forty outages in a row take an hour at least, and three at most", () => {
  const spans = [0, 0.999_999].map((random) =>
    Array.from({ length: DEFAULT_MAX_OUTAGE_ATTEMPTS - 1 }, (_, index) => outageBackoffMs(index + 1, random)).reduce(
      (sum, ms) => sum + ms,
      0,
    ),
  );

  expect(spans[0]).toBeGreaterThan(3_600_000);
  expect(spans[1]).toBeLessThan(3 * 3_600_000);
});

test("JF3, JF4: the half of what was attempted comes next, suspect only where a record is blamed", () => {
  const record = recordOf({ failedBefore: 2, size: "several" });
  const rules = processorRules({ onFailure: "quarantine" });

  const narrowed = (error: Error, untilOffset: bigint) => judgeFailure({ record, untilOffset, error }, rules);

  expect(narrowed(bad, 13n)).toEqual({ kind: "narrow", narrowed: { length: 4n, suspectUntil: 13n } });
  expect(narrowed(bad, 9n)).toEqual({ kind: "narrow", narrowed: { length: 2n, suspectUntil: 9n } });
  expect(narrowed(late, 13n)).toEqual({ kind: "narrow", narrowed: { length: 4n } });
});

test("JF4: a search begins with what was in hand, and a half that failed then is halved", () => {
  const rules = processorRules({ onFailure: "quarantine" });
  const judged = (size: Case["size"], error: Error, inHand: OffsetsInHand) =>
    judgeFailure({ record: recordOf({ failedBefore: 2, size }), untilOffset: 13n, error, inHand }, rules);

  expect(judged("several", bad, { fromOffset: 5n, untilOffset: 6n })).toEqual({
    kind: "narrow",
    narrowed: { length: 1n, suspectUntil: 6n },
  });
  expect(judged("several", bad, { fromOffset: 9n, untilOffset: 10n })).toEqual({
    kind: "narrow",
    narrowed: { length: 4n, suspectUntil: 10n },
  });
  expect(judged("searched", bad, { fromOffset: 12n, untilOffset: 13n })).toEqual({
    kind: "narrow",
    narrowed: { length: 4n, suspectUntil: 13n },
  });
  expect(judged("several", large, { fromOffset: 5n, untilOffset: 6n })).toEqual({
    kind: "narrow",
    narrowed: { length: 4n },
  });
});

test("JF1: with maxAttempts 1 a range that does not fit the time is halved after the first attempt", () => {
  const record = recordOf({ failedBefore: 0, size: "several" });

  const judged = judgeFailure({ record, untilOffset: 13n, error: late }, processorRules({ maxAttempts: 1 }));

  expect(judged.kind).toBe("narrow");
});

test.each([
  [1, "corrupt", "retry"],
  [2, "corrupt", "quarantine"],
  [2, "large", "quarantine"],
  [2, "bad", "retry"],
] as const)(
  "JF1: with maxAttempts 100, after %i failures of one record, %s is followed by: %s",
  (failed, error, kind) => {
    const record = recordOf({ failedBefore: failed, size: "alone" });
    const rules = processorRules({ onFailure: "quarantine", maxAttempts: 100 });

    expect(judgeFailure({ record, untilOffset: 6n, error: errors[error] }, rules).kind).toBe(kind);
  },
);

test("JF1: attempts that failed for the surroundings are none at the record", () => {
  const record = recordOf({ failedBefore: 0, size: "alone" }, { failedAttempts: 2 });
  const rules = processorRules({ onFailure: "quarantine" });

  const judged = judgeFailure({ record, untilOffset: 6n, error: bad }, rules);

  expect(judged).toEqual({ kind: "retry", narrowed: { length: 1n, suspectUntil: 6n, blamed: 1 } });
});

test.each([
  [9, "quarantine"],
  [10, "halt"],
] as const)("JF1: after %i quarantined records of one range the next is followed by: %s", (quarantined, kind) => {
  const record = recordOf({ failedBefore: 2, size: "alone" }, { quarantined });

  const judged = judgeFailure({ record, untilOffset: 6n, error: bad }, processorRules({ onFailure: "quarantine" }));

  expect(judged.kind).toBe(kind);
});

test.each([
  ["skip", 7n, { kind: "lose", untilOffset: 7n }],
  ["skip", 99n, { kind: "lose", untilOffset: 13n }],
  ["skip", undefined, { kind: "halt" }],
  ["skip", 5n, { kind: "halt" }],
  ["fail", 7n, { kind: "halt" }],
] as const)("G6: under onDataLoss %s a log that begins at %s gives %o", (onDataLoss, beginningOffset, expected) => {
  const record = recordOf({ failedBefore: 0, size: "several" });
  const loss: Loss = beginningOffset === undefined ? { kind: "truncated" } : { kind: "deleted", beginningOffset };
  const error = new DataLossError("gone", { fromOffset: 5n, loss });

  expect(judgeFailure({ record, untilOffset: 13n, error }, processorRules({ onDataLoss }))).toEqual(expected);
});
