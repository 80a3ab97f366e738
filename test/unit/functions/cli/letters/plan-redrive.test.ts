import { describe, expect, test } from "vitest";
import type { OpenLetter } from "../../../../../functions/cli/letters/gather-letters.ts";
import { planRedrive } from "../../../../../functions/cli/letters/plan-redrive.ts";
import type { ReprocessRequest } from "../../../../../shared/core/ledger/reprocess-request.ts";
import { listOffsets } from "../../../../../shared/core/offsets/offset-list.ts";
import { NO_OUTCOMES } from "../../../../../shared/core/range/offset-outcomes.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";

const CHAIN = { pipeline: "word-count", topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", partition: 0 };
const PLACE = { topic: "orders", partition: 0 };
const FAILED_AT = 1_000;
const COUNTS = { delivered: 8n, aborted: 0n, control: 0n, bytes: 80n };

function aLetter(offset: bigint, overrides: Partial<OpenLetter> = {}): OpenLetter {
  const error = { name: "Rejected", message: "no" };
  const place = { chain: CHAIN, ...PLACE, offset, kind: "rejected" } as const;
  return { ...place, error, attempt: 1, at: FAILED_AT, name: `${offset}`, body: "", copies: [], ...overrides };
}

/** A completed range [0, 8), with these of its records rejected. */
function aRange(rejected: readonly bigint[], overrides: Partial<RangeRecord> = {}): RangeRecord {
  return aRangeRecord({
    ...{ ...PLACE, chain: CHAIN, fromOffset: 0n, committedOffset: 8n, untilOffset: 8n, status: "COMPLETED" },
    ...{ attempt: 2, leaseCounter: 2, plannedAt: 500, completedAt: 2_000 },
    counts: { ...COUNTS, ...(rejected.length === 0 ? {} : { rejected: BigInt(rejected.length) }) },
    ...(rejected.length === 0 ? {} : { rejectedOffsets: listOffsets(rejected) }),
    ...overrides,
  });
}

/** As earlier releases left it. */
function anOldRange(rejected: bigint, overrides: Partial<RangeRecord> = {}): RangeRecord {
  return aRange([], { counts: { ...COUNTS, rejected }, ...overrides });
}

interface Known {
  readonly ranges: readonly RangeRecord[];
  readonly requests?: readonly ReprocessRequest[];
}

async function stepsOf(letters: readonly OpenLetter[], { ranges, requests = [] }: Known) {
  const ledger = createInMemoryRangeLedger<never>();
  for (const range of ranges) {
    ledger.put(range);
  }
  const asked = async function* () {
    yield* requests;
  };
  const planned = await planRedrive({ ...ledger, reprocessRequests: asked }, "word-count", letters);
  return planned.map(({ letter, step }) => {
    const { kind, ...facts } = step;
    const said = "fate" in facts ? [facts.fate] : "by" in facts ? [facts.by] : "after" in facts ? [facts.after] : [];
    return [`${letter.offset} ${kind}`, ...said].join(" ");
  });
}

const OPEN: Partial<RangeRecord> = {
  ...{ status: "RUNNING", committedOffset: 4n, leaseCounter: 2, counts: { ...COUNTS, rejected: 1n } },
  lease: { owner: "o", counter: 2, expiresAt: 9 },
};
const prepared = (rejected: readonly bigint[]) => ({
  ...{ untilOffset: 6n, output: "S3", memo: "m", rejectedOffsets: listOffsets(rejected) },
  counts: { ...COUNTS, rejected: BigInt(rejected.length) },
});

test.each<[string, readonly OpenLetter[], RangeRecord, readonly string[]]>([
  ["rejected", [aLetter(5n)], aRange([5n]), ["5 ask"]],
  ["processed after all", [aLetter(5n)], aRange([6n]), ["5 processed"]],
  [
    "processed after all by the attempt that its letter names",
    [aLetter(5n, { attempt: 2 })],
    aRange([6n]),
    ["5 processed"],
  ],
  ["rejected by an attempt that its letter does not name", [aLetter(5n, { attempt: 7 })], aRange([5n]), ["5 ask"]],
  ["rejected, whatever its newest letter is of", [aLetter(5n, { kind: "quarantined" })], aRange([5n]), ["5 ask"]],
  [
    "quarantined by an attempt that died, and processed",
    [aLetter(5n, { kind: "quarantined" })],
    aRange([]),
    ["5 processed"],
  ],
  [
    "quarantined",
    [aLetter(4n, { kind: "quarantined" })],
    aRange([], { status: "QUARANTINED", committedOffset: 4n, untilOffset: 5n, counts: { ...COUNTS, delivered: 4n } }),
    ["4 ask"],
  ],
  [
    "committed and still in hand",
    [aLetter(1n), aLetter(2n), aLetter(5n)],
    aRange([1n], OPEN),
    ["1 ask", "2 processed", "5 pending"],
  ],
  [
    "prepared as an operator skipped it",
    [aLetter(4n), aLetter(5n), aLetter(7n)],
    aRange([], { status: "SKIPPED", committedOffset: 4n, prepared: prepared([4n]) }),
    ["4 ask", "5 unproven unsettled", "7 ask"],
  ],
  ["forgotten", [aLetter(9n)], aRange([5n]), ["9 unproven unknown"]],
])("RD2: what was %s is redriven only where it was not processed", async (_, letters, range, steps) => {
  expect(await stepsOf(letters, { ranges: [range] })).toEqual(steps);
});

describe("RD2, RJ2: where the ledger has no list", () => {
  const last = (offset: bigint) => aLetter(offset, { attempt: 2 });

  test.each<[string, readonly OpenLetter[], RangeRecord, readonly string[]]>([
    ["nothing that was rejected means processed", [aLetter(5n)], anOldRange(0n), ["5 processed"]],
    ["the last attempt's letter stands for itself", [last(5n)], anOldRange(1n), ["5 ask"]],
    [
      "all of its letters leave the others processed",
      [aLetter(5n), last(6n)],
      anOldRange(1n),
      ["5 processed", "6 ask"],
    ],
    [
      "not all of them leave the others unproven",
      [aLetter(5n), last(6n)],
      anOldRange(2n),
      ["5 unproven unlisted", "6 ask"],
    ],
    [
      "two of one record are one",
      [aLetter(5n), last(6n), last(6n)],
      anOldRange(2n),
      ["5 unproven unlisted", "6 ask", "6 ask"],
    ],
    [
      "the attempts of a range that was split off prove nothing",
      [last(5n)],
      anOldRange(1n, { leaseCounter: 3 }),
      ["5 unproven unlisted"],
    ],
    [
      "what is listed is known all the same",
      [aLetter(3n), aLetter(5n), last(6n)],
      anOldRange(2n, { rejectedOffsets: listOffsets([3n]) }),
      ["3 ask", "5 processed", "6 ask"],
    ],
  ])("%s", async (_, letters, range, steps) => {
    expect(await stepsOf(letters, { ranges: [range] })).toEqual(steps);
  });
});

/** For [5, 6), after the letter failed. */
function aRequest(requestId: string, overrides: Partial<ReprocessRequest> = {}): ReprocessRequest {
  const completion = { settled: [0], outcomes: NO_OUTCOMES, completedAt: 3_000 };
  const ranges = [{ ...PLACE, topicId: CHAIN.topicId, fromOffset: 5n, untilOffset: 6n }];
  const pacing = { maxConcurrentRanges: 1, isOrdered: false };
  return {
    ...pacing,
    pipeline: "word-count",
    requestId,
    requestedAt: 2_500,
    payload: "p",
    ranges,
    completion,
    ...overrides,
  };
}

function itsRange(requestId: string, rejected: readonly bigint[], overrides: Partial<RangeRecord> = {}): RangeRecord {
  const place = { fromOffset: 5n, untilOffset: 6n, committedOffset: 6n, chain: { ...CHAIN, requestId } };
  return aRange(rejected, { ...place, ...overrides });
}

const CANCELLED = { by: "ann", reason: "r", at: 1 };
const REDRIVE = "redrive-1";

test.each<[string, OpenLetter, Known, string]>([
  [
    "processed",
    aLetter(5n),
    { ranges: [itsRange(REDRIVE, [])], requests: [aRequest(REDRIVE)] },
    "5 processed redrive-1",
  ],
  [
    "processed, by whatever clock",
    aLetter(5n, { at: 9_000 }),
    { ranges: [itsRange(REDRIVE, [])], requests: [aRequest(REDRIVE)] },
    "5 processed redrive-1",
  ],
  [
    "rejected again",
    aLetter(5n),
    { ranges: [itsRange(REDRIVE, [5n])], requests: [aRequest(REDRIVE)] },
    "5 ask redrive-1",
  ],
  [
    "skipped",
    aLetter(5n),
    {
      ranges: [itsRange(REDRIVE, [], { status: "SKIPPED", committedOffset: 5n, counts: { ...COUNTS, delivered: 0n } })],
      requests: [aRequest(REDRIVE)],
    },
    "5 ask redrive-1",
  ],
  [
    "not finished",
    aLetter(5n),
    { ranges: [], requests: [{ ...aRequest(REDRIVE), completion: undefined } as never] },
    "5 follow",
  ],
  [
    "cancelled",
    aLetter(5n),
    {
      ranges: [],
      requests: [
        aRequest(REDRIVE, {
          completion: { settled: [], outcomes: NO_OUTCOMES, completedAt: 3_000, cancelled: CANCELLED },
        }),
      ],
    },
    "5 ask redrive-1",
  ],
  [
    "done wholly, and forgotten",
    aLetter(5n),
    {
      ranges: [],
      requests: [
        aRequest(REDRIVE, {
          completion: { settled: [0], outcomes: { ...NO_OUTCOMES, processed: 1n }, completedAt: 3_000 },
        }),
      ],
    },
    "5 processed redrive-1",
  ],
  ["forgotten", aLetter(5n), { ranges: [], requests: [aRequest(REDRIVE)] }, "5 unproven unknown"],
  [
    "without a list of what it rejected",
    aLetter(5n),
    { ranges: [itsRange(REDRIVE, [], { counts: { ...COUNTS, rejected: 1n } })], requests: [aRequest(REDRIVE)] },
    "5 unproven unlisted",
  ],
])("RD1: what a redrive has asked for, and %s", async (_, letter, known, step) => {
  const ranges = [aRange([5n]), ...known.ranges];

  expect(await stepsOf([letter], { ...known, ranges })).toEqual([step]);
});

test("RD1: of several redrives one that has processed the record ends it, whatever came later", async () => {
  const requests = [aRequest(REDRIVE), aRequest("redrive-2", { requestedAt: 2_600 })];
  const ranges = [aRange([5n]), itsRange(REDRIVE, []), itsRange("redrive-2", [5n])];

  expect(await stepsOf([aLetter(5n)], { ranges, requests })).toEqual(["5 processed redrive-1"]);
});

test("RD2: a request of an operator has processed what it asked for after the failure, not what failed since", async () => {
  const known = { ranges: [aRange([5n]), itsRange("mine", [])], requests: [aRequest("mine")] };

  expect(await stepsOf([aLetter(5n)], known)).toEqual(["5 processed mine"]);
  expect(await stepsOf([aLetter(5n, { at: 2_501 })], known)).toEqual(["5 ask"]);
});

test("RD1: a letter of a request is judged by that request, and by those that came after it", async () => {
  const ofRequest = aLetter(5n, { chain: { ...CHAIN, requestId: REDRIVE }, at: 2_550 });
  const before = aRequest("redrive-0", { requestedAt: 2_400 });
  const after = aRequest("redrive-2", { requestedAt: 2_510 });
  const ranges = [aRange([5n]), itsRange("redrive-0", []), itsRange(REDRIVE, [5n]), itsRange("redrive-2", [])];

  expect(await stepsOf([ofRequest], { ranges, requests: [before, aRequest(REDRIVE)] })).toEqual(["5 ask"]);
  expect(await stepsOf([ofRequest], { ranges, requests: [aRequest(REDRIVE), after] })).toEqual([
    "5 processed redrive-2",
  ]);
});
