import { expect, test } from "vitest";
import { positionName } from "../../../../../functions/cli/outputs/position-names.ts";
import { type PositionStore, verifyPositions } from "../../../../../functions/cli/outputs/verify-positions.ts";
import type { RangeRecord, RangeStatus } from "../../../../../shared/core/range/range-record.ts";
import { createInMemoryRangeLedger } from "../../../../../shared/memory/in-memory-range-ledger.ts";
import { aHaltedRecord, aRangeRecord } from "../../../../support/builders/builders.ts";

const NOW = Date.UTC(2026, 10, 28);
const DAY_MS = 86_400_000;
const CHAIN = { pipeline: "word-count", topicId: "0b0d6d40-6f25-4a3b-8c55-000000000001", partition: 0 };

interface Told {
  readonly ranges: readonly RangeRecord[];
  /** By beginning of the range, or `chain`. */
  readonly positions: Readonly<Record<string, bigint>>;
  readonly keepsMs?: number;
  /** Planned since the ledger was read. */
  readonly since?: readonly RangeRecord[];
  readonly requestId?: string;
  /** From where on the store has outputs of the chain. */
  readonly firstOffset?: bigint;
}

function aRangeOf(status: RangeStatus, fromOffset: bigint, committedOffset: bigint, untilOffset: bigint): RangeRecord {
  const lease = { owner: "one", counter: 1, expiresAt: NOW };
  const leased = status === "RUNNING" ? { lease, leaseCounter: 1 } : {};
  const closed = status === "COMPLETED" ? { completedAt: NOW - 3 * DAY_MS } : {};
  const range = { topic: "orders", partition: 0, fromOffset, committedOffset, untilOffset };
  return aRangeRecord({ ...range, chain: CHAIN, status, ...leased, ...closed });
}

async function problemsOf({
  ranges,
  positions,
  keepsMs,
  since = [],
  requestId,
  firstOffset,
}: Told): Promise<readonly string[]> {
  const ledger = createInMemoryRangeLedger<never>();
  for (const range of [...ranges, ...since]) {
    ledger.put(range);
  }
  const entries = Object.entries(positions).map(([from, at]): [string, bigint] => {
    const rangeFrom = from === "chain" ? {} : { rangeFrom: BigInt(from) };
    const [{ plannedAt } = { plannedAt: 0 }] = ranges;
    const request = requestId === undefined ? {} : { requestId, plannedAt };
    return [positionName({ ...CHAIN, ...request, topic: "orders", ...rangeFrom }), at];
  });
  const found = new Map(entries);
  const store: PositionStore = {
    ...{ name: "Store", place: "here", ...(keepsMs === undefined ? {} : { keepsMs }) },
    read: async () => ({
      of: (key) => found.get(positionName(key)),
      all: firstOffset === undefined ? [] : [{ ...CHAIN, topic: "orders", firstOffset }],
    }),
    close: async () => {},
  };
  const record = { pipeline: "word-count", revision: 1, startedAt: 0, topics: [] };
  const rules = { ledger, now: NOW, signal: new AbortController().signal };
  const { problems } = await verifyPositions(store, { record, ranges }, rules);
  return problems.map(({ kind }) => kind);
}

const done = aRangeOf("COMPLETED", 0n, 10n, 10n);
const skipped = aRangeOf("SKIPPED", 10n, 10n, 20n);
const running = aRangeOf("RUNNING", 10n, 15n, 20n);

test.each<[string, Told, readonly string[]]>([
  ["level with a completed range", { ranges: [done], positions: { chain: 10n } }, []],
  ["below it", { ranges: [done], positions: { chain: 9n } }, ["positionBehind"]],
  ["above it", { ranges: [done], positions: { chain: 11n } }, ["positionAhead"]],
  ["unknown", { ranges: [done], positions: {} }, ["positionMissing"]],
  ["unknown of a chain that has processed nothing", { ranges: [skipped], positions: {} }, []],
  ["before what was skipped", { ranges: [done, skipped], positions: { chain: 10n } }, []],
  ["in what was skipped", { ranges: [done, skipped], positions: { chain: 12n } }, ["positionAhead"]],
  ["level with a range under way", { ranges: [done, running], positions: { chain: 15n } }, []],
  ["ahead by a commit that the ledger does not know yet", { ranges: [done, running], positions: { chain: 20n } }, []],
  ["ahead of a range under way", { ranges: [done, running], positions: { chain: 21n } }, ["positionAhead"]],
  ["behind a range under way", { ranges: [done, running], positions: { chain: 10n } }, ["positionBehind"]],
  ["behind several ranges", { ranges: [done, running], positions: { chain: 5n } }, ["positionBehind"]],
  ["moved by a range that was planned since", { ranges: [done], since: [running], positions: { chain: 15n } }, []],
])("VP1, VP2: a store that stands %s", async (_, told, kinds) => {
  expect(await problemsOf(told)).toEqual(kinds);
});

test.each([
  ["at its end", 20n, []],
  ["within it", 15n, []],
  ["in the open range behind it", 25n, []],
  ["beyond that one", 31n, ["positionAhead"]],
])(
  "VP3: of a range that was forgotten between others nothing is told by a store that stands %s",
  async (_, at, kinds) => {
    const halted = aHaltedRecord({ chain: CHAIN, partition: 0, fromOffset: 20n, untilOffset: 30n });

    expect(await problemsOf({ ranges: [done, halted], positions: { chain: at } })).toEqual(kinds);
  },
);

test("VP1: a store that is ahead of a range that halted for it is told", async () => {
  const halted = (name: string) =>
    aHaltedRecord({ chain: CHAIN, partition: 0, fromOffset: 0n, untilOffset: 20n, error: { name, message: "" } });

  expect(await problemsOf({ ranges: [halted("LedgerIntegrityError")], positions: { chain: 7n } })).toEqual([
    "positionAhead",
  ]);
  expect(await problemsOf({ ranges: [halted("Error")], positions: { chain: 7n } })).toEqual([]);
});

test("a request's position is not that of another request of the same id", async () => {
  const first = { ...done, chain: { ...CHAIN, requestId: "again" } };
  const second = { ...first, plannedAt: first.plannedAt + 1 };
  const told = { positions: { 0: 10n }, requestId: "again" };

  expect(await problemsOf({ ...told, ranges: [first] })).toEqual([]);
  expect(await problemsOf({ ...told, ranges: [first, second] })).toEqual(["positionMissing"]);
});

test("VP1: a range that was planned beside others is held against its own position, in either order", async () => {
  const [first, second] = [done, aRangeOf("COMPLETED", 10n, 20n, 20n)].map((range) => ({ ...range, groupFrom: 0n }));
  const ranges = [first ?? done, second ?? done];

  expect(await problemsOf({ ranges, positions: { 0: 10n, 10: 20n } })).toEqual([]);
  expect(await problemsOf({ ranges: [done, ...ranges.slice(1)], positions: { chain: 10n, 10: 20n } })).toEqual([]);
  expect(await problemsOf({ ranges, positions: { 0: 10n, 10: 19n } })).toEqual(["positionBehind"]);
  expect(await problemsOf({ ranges, positions: { 0: 10n } })).toEqual(["positionMissing"]);
  expect(await problemsOf({ ranges, positions: { chain: 20n, 0: 10n } })).toEqual([]);
});

test("VP1: a chain's position is held against the ranges that follow each other, whatever lies behind them", async () => {
  const beside = { ...aRangeOf("COMPLETED", 10n, 20n, 20n), groupFrom: 10n };
  const behind = aRangeOf("COMPLETED", 20n, 30n, 30n);
  const told = { ranges: [done, beside], keepsMs: 2 * DAY_MS };

  expect(await problemsOf({ ...told, positions: { chain: 10n } })).toEqual([]);
  expect(await problemsOf({ ...told, positions: { chain: 9n } })).toEqual(["positionBehind"]);
  expect(await problemsOf({ ...told, positions: { chain: 20n } })).toEqual([]);
  expect(await problemsOf({ ...told, positions: { chain: 21n } })).toEqual(["positionAhead"]);
  expect(await problemsOf({ ...told, ranges: [done, beside, behind], positions: { chain: 10n } })).toEqual([
    "positionBehind",
  ]);
});

test("a range of a request is never covered by the live chain's position", async () => {
  const ranges = [{ ...done, chain: { ...CHAIN, requestId: "again" } }];

  expect(await problemsOf({ ranges, positions: { chain: 10n } })).toEqual(["positionMissing"]);
  expect(await problemsOf({ ranges, positions: { 0: 10n }, requestId: "again" })).toEqual([]);
});

test("a position that the store may have forgotten is not missed", async () => {
  expect(await problemsOf({ ranges: [done], positions: {}, keepsMs: 2 * DAY_MS })).toEqual([]);
  expect(await problemsOf({ ranges: [done], positions: {}, keepsMs: 4 * DAY_MS })).toEqual(["positionMissing"]);
});

test("a request that was done before the pipeline had the output is not missed, and one after it is", async () => {
  const live = { ...aRangeOf("COMPLETED", 10n, 20n, 20n), startedAt: NOW - 2 * DAY_MS };
  const request = { ...done, chain: { ...CHAIN, requestId: "before" } };
  const told = { ranges: [done, live, request], positions: { chain: 20n } };

  expect(await problemsOf({ ...told, firstOffset: 10n })).toEqual([]);
  expect(await problemsOf({ ...told, firstOffset: 0n })).toEqual(["positionMissing"]);
  expect(await problemsOf(told)).toEqual(["positionMissing"]);
  const later = { ...request, completedAt: NOW - DAY_MS };
  expect(await problemsOf({ ...told, ranges: [done, live, later], firstOffset: 10n })).toEqual(["positionMissing"]);
});
