import { expect, test } from "vitest";
import { isFinished, mergeProgress, nextRanges, plannedStateOf } from "../../../../shared/core/plan-reprocess.ts";
import type { ReprocessProgress } from "../../../../shared/core/reprocess-request.ts";
import { aHaltedRecord, aRangeRecord, ORDERS_ID } from "../../../support/builders.ts";
import { aReprocessRequest } from "../../../support/reprocess-builders.ts";

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
  requestId: "again-1",
  settled: [],
  open: [],
  ...fields,
});

test.each<[string, ReturnType<typeof requestOf>, Known, readonly number[]]>([
  ["Q2: the first of each partition comes first", requestOf([0, 0, 1, 1]), {}, [0, 2]],
  ["Q2: the next follows a settled one", requestOf([0, 0, 1, 1]), { settled: [0] }, [1, 2]],
  ["Q2: nothing follows an open one", requestOf([0, 0, 1, 1]), { settled: [0], open: [1, 2] }, []],
  ["Q2: nothing follows a halted one", requestOf([0, 0, 1]), { open: [0], halted: [0] }, [2]],
  ["Q2: order does not matter to an unordered one", requestOf([0, 0, 1], 100, false), { open: [0] }, [1, 2]],
  ["Q1: up to the limit", requestOf([0, 1, 2, 3], 2), {}, [0, 1]],
  ["Q1: what is open counts", requestOf([0, 1, 2, 3], 2), { open: [0] }, [1]],
  ["Q1: what is halted does not", requestOf([0, 1, 2, 3], 2), { open: [0, 1], halted: [0] }, [2]],
  ["Q1: more open than the limit leaves no room", requestOf([0, 1, 2, 3], 1), { open: [0, 1] }, []],
  ["nothing is left", requestOf([0, 0]), { settled: [0, 1] }, []],
])("%s", (_, request, fields, next) => {
  expect(nextRanges(request, known(fields))).toEqual(next);
});

test("Q3: progress of two runs is joined; what one of them saw settled is open no more", () => {
  const cancelled = { by: "ada", reason: "wrong topic", at: 1 };

  const merged = mergeProgress(progress({ settled: [4, 10], open: [1, 5], cancelled }), {
    settled: [1, 2],
    open: [10, 11],
  });

  expect(merged).toEqual(progress({ settled: [1, 2, 4, 10], open: [5, 11], cancelled }));
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
  const completed = aRangeRecord({ status: "COMPLETED", untilOffset: 6n });
  const rest = aRangeRecord({ fromOffset: 6n });
  const halted = aHaltedRecord({ fromOffset: 6n });

  expect(plannedStateOf([completed, rest])).toEqual({ kind: "open", record: rest });
  expect(plannedStateOf([completed, halted])).toEqual({ kind: "halted", record: halted });
  expect(plannedStateOf([completed])).toEqual({ kind: "settled" });
  expect(plannedStateOf([])).toEqual({ kind: "settled" });
});
