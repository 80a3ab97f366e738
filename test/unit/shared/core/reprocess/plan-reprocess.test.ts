import { expect, test } from "vitest";
import { newProgress, type ReprocessProgress } from "../../../../../shared/core/ledger/reprocess-request.ts";
import { NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import { NO_COUNTS, type RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import {
  isFinished,
  mergeProgress,
  nextRanges,
  plannedStateOf,
  settledRange,
} from "../../../../../shared/core/reprocess/plan-reprocess.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../../../support/builders/builders.ts";
import { aReprocessRequest } from "../../../../support/builders/reprocess-builders.ts";

/** Ranges of these partitions, each after the last of its own. */
function requestOf(partitions: readonly number[], maxConcurrentRanges = 100, isOrdered = true) {
  const ranges = partitions.map((partition, index) => {
    const fromOffset = BigInt(index);
    return { topicId: ORDERS_ID, topic: "orders", partition, fromOffset, untilOffset: fromOffset + 1n };
  });
  return aReprocessRequest({ ranges, maxConcurrentRanges, isOrdered });
}

interface Known {
  readonly settled?: readonly number[];
  readonly open?: readonly number[];
  readonly halted?: readonly number[];
}

const known = ({ settled = [], open = [], halted = [] }: Known) => ({
  settled: new Set(settled),
  open: new Set(open),
  halted: new Set(halted),
});

const progress = (fields: Partial<ReprocessProgress>): ReprocessProgress => ({
  ...newProgress("again-1"),
  ...fields,
});

/** As many processed as its index says. */
const settled = (index: number) => ({
  index,
  outcomes: { ...NO_OUTCOMES, processed: BigInt(index), quarantined: 10n },
});

test.each<[string, ReturnType<typeof requestOf>, Known, readonly number[]]>([
  ["PRQ2: the first of each partition comes first", requestOf([0, 0, 1, 1]), {}, [0, 2]],
  ["PRQ2: the next follows a settled one", requestOf([0, 0, 1, 1]), { settled: [0] }, [1, 2]],
  ["PRQ2: nothing follows an open one", requestOf([0, 0, 1, 1]), { settled: [0], open: [1, 2] }, []],
  ["PRQ2: nothing follows a halted one", requestOf([0, 0, 1]), { open: [0], halted: [0] }, [2]],
  ["PRQ2: order does not matter to an unordered one", requestOf([0, 0, 1], 100, false), { open: [0] }, [1, 2]],
  ["PRQ1: up to the limit", requestOf([0, 1, 2, 3], 2), {}, [0, 1]],
  ["PRQ1: what is open counts", requestOf([0, 1, 2, 3], 2), { open: [0] }, [1]],
  ["PRQ1: what is halted does not", requestOf([0, 1, 2, 3], 2), { open: [0, 1], halted: [0] }, [2]],
  ["PRQ1: more open than the limit leaves no room", requestOf([0, 1, 2, 3], 1), { open: [0, 1] }, []],
  ["nothing is left", requestOf([0, 0]), { settled: [0, 1] }, []],
])("%s", (_, request, fields, next) => {
  expect(nextRanges(request, known(fields))).toEqual(next);
});

test("PRQ3: progress of two runs is joined; what one of them saw settled is open no more", () => {
  const cancelled = { by: "ada", reason: "wrong topic", at: 1 };

  const merged = mergeProgress(progress({ settled: [4, 10], open: [1, 5], cancelled }), {
    settled: [settled(1), settled(2)],
    open: [10, 11],
  });

  expect(merged).toMatchObject(
    progress({ settled: [1, 2, 4, 10], open: [5, 11], outcomes: merged.outcomes, cancelled }),
  );
});

test("PRQ3: what became of a range is counted once, however often it is seen settled", () => {
  const seen = { settled: [settled(1), settled(2)], open: [] };
  const once = mergeProgress(progress({ open: [1, 2] }), { settled: [settled(1)], open: [] });

  const twice = mergeProgress(mergeProgress(once, seen), seen);

  expect(once.outcomes).toEqual({ ...NO_OUTCOMES, processed: 1n, quarantined: 10n });
  expect(twice.outcomes).toEqual({ ...NO_OUTCOMES, processed: 3n, quarantined: 20n });
});

test("a range that is settled is what all its records say, each by its status", () => {
  const records = [
    aRangeRecord({
      status: "QUARANTINED",
      fromOffset: 2n,
      untilOffset: 6n,
      committedOffset: 5n,
      counts: { ...NO_COUNTS, rejected: 2n },
    }),
    aRangeRecord({ status: "LOST", fromOffset: 6n, untilOffset: 8n, committedOffset: 6n }),
    aRangeRecord({ status: "SKIPPED", fromOffset: 8n, untilOffset: 12n, committedOffset: 9n }),
    aRangeRecord({ status: "COMPLETED", fromOffset: 12n, untilOffset: 20n, committedOffset: 20n }),
  ];

  expect(settledRange(3, records)).toEqual({
    index: 3,
    outcomes: { processed: 10n, rejected: 2n, quarantined: 1n, skipped: 3n, lost: 2n },
  });
});

test.each<[string, Partial<ReprocessProgress>, boolean]>([
  ["all its ranges are settled", { settled: [0, 1] }, true],
  ["one of them is open", { settled: [0], open: [1] }, false],
  ["one of them has not begun", { settled: [0] }, false],
  ["it is cancelled and nothing is open", { cancelled: { by: "ada", reason: "", at: 1 } }, true],
  ["it is cancelled and something runs", { open: [0], cancelled: { by: "ada", reason: "", at: 1 } }, false],
])("whether a request is finished when %s", (_, fields, finished) => {
  expect(isFinished(requestOf([0, 1]), progress(fields))).toBe(finished);
});

test("a planned range is where its first record is that is not closed", () => {
  const completed = aRangeRecord({ status: "COMPLETED", untilOffset: 6n, expiresAt: 2_000 });
  const stateOf = (records: readonly RangeRecord[], { now = 1_000, untilOffset = 10n } = {}) =>
    plannedStateOf({ untilOffset }, records, now);
  const rest = aRangeRecord({ fromOffset: 6n });
  const halted = aHaltedRecord({ fromOffset: 6n });

  expect(stateOf([completed, rest])).toEqual({ kind: "open", record: rest });
  expect(stateOf([completed, halted])).toEqual({ kind: "halted", record: halted });
  expect(stateOf([completed], { untilOffset: 6n })).toEqual({ kind: "settled" });
  expect(stateOf([])).toEqual({ kind: "settled" });
});

test("a range of which a split's first record alone is seen goes on, until the table may forget that", () => {
  const first = aRangeRecord({ status: "QUARANTINED", untilOffset: 6n, committedOffset: 5n, expiresAt: 2_000 });

  expect(plannedStateOf({ untilOffset: 10n }, [first], 1_999)).toEqual({ kind: "unseen" });
  expect(plannedStateOf({ untilOffset: 10n }, [first], 2_000)).toEqual({ kind: "settled" });
});
