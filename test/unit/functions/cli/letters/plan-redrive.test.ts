import { expect, test } from "vitest";
import type { OpenLetter } from "../../../../../functions/cli/letters/gather-letters.ts";
import { planRedrive } from "../../../../../functions/cli/letters/plan-redrive.ts";
import type { RangeRecord } from "../../../../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aRangeRecord } from "../../../../support/builders/builders.ts";

const CHAIN = { pipeline: "word-count", topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", partition: 0 };
const PLANNED_AT = 1_000;
/** Offset, attempt, and when it failed. */
type Told = readonly [offset: bigint, attempt: number, at?: number];

function aLetter([offset, attempt, at = PLANNED_AT + attempt]: Told): OpenLetter {
  const error = { name: "Rejected", message: "no" };
  const place = { chain: CHAIN, topic: "orders", partition: 0, offset };
  return { ...place, kind: "rejected", error, attempt, at, name: `${offset}`, body: "", copies: [] };
}

async function stepsOf(letters: readonly Told[], overrides: Partial<RangeRecord>): Promise<readonly string[]> {
  const ledger = createInMemoryRangeLedger<never>();
  const range = { topic: "orders", partition: 0, fromOffset: 0n, committedOffset: 8n, untilOffset: 8n };
  const counts = { delivered: 8n, aborted: 0n, control: 0n, bytes: 80n, rejected: 1n };
  const completed = { chain: CHAIN, status: "COMPLETED", plannedAt: PLANNED_AT, completedAt: 5_000, counts } as const;
  ledger.put(aRangeRecord({ ...range, ...completed, attempt: 2, ...overrides }));
  const planned = await planRedrive(ledger, "word-count", letters.map(aLetter));
  return planned.map(({ letter, step }) => `${letter.offset} ${step.kind}`);
}

const rejected = (count: bigint) => ({
  counts: { delivered: 8n, aborted: 0n, control: 0n, bytes: 80n, ...(count === 0n ? {} : { rejected: count }) },
});

test.each<[string, readonly Told[], Partial<RangeRecord>, readonly string[]]>([
  [
    "processed by the attempt that rejected another",
    [
      [5n, 1],
      [6n, 2],
    ],
    {},
    ["5 processed", "6 ask"],
  ],
  [
    "processed by it, further on",
    [
      [2n, 1],
      [0n, 2],
    ],
    {},
    ["2 processed", "0 ask"],
  ],
  ["rejected by the last attempt", [[5n, 2]], {}, ["5 ask"]],
  ["rejected by the one attempt", [[5n, 1]], { attempt: 1 }, ["5 ask"]],
  ["processed after all, where nothing was rejected", [[5n, 1]], rejected(0n), ["5 processed"]],
  [
    "rejected and committed by an attempt before the last",
    [
      [5n, 1],
      [6n, 2],
    ],
    rejected(2n),
    ["5 ask", "6 ask"],
  ],
  [
    "of an attempt before its range was split off",
    [
      [5n, 2, PLANNED_AT - 1],
      [6n, 2],
    ],
    {},
    ["5 processed", "6 ask"],
  ],
  ["of such an attempt alone", [[5n, 2, PLANNED_AT - 1]], {}, ["5 ask"]],
  [
    "still in hand",
    [
      [5n, 1],
      [1n, 2],
    ],
    {
      status: "RUNNING",
      committedOffset: 4n,
      lease: { owner: "o", counter: 1, expiresAt: 9 },
      leaseCounter: 1,
    },
    ["5 pending", "1 ask"],
  ],
])("RD2: of a range with rejected records, what was %s", async (_, letters, overrides, steps) => {
  expect(await stepsOf(letters, overrides)).toEqual(steps);
});
