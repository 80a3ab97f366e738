// Verify positions
//
// Holds the positions that a store keeps against the ledger, per chain, and per range where
// each has a position of its own.
//
//   VP1  The store is read between two looks at the ledger, so that what moves meanwhile is no problem: it is at
//        least where the ledger was before, and at most where the ledger lets it be afterwards. Where nothing
//        moves both are one offset.
//   VP2  An offset that the ledger has closed without processing it does not count: the store has it not.
//   VP3  Of a range that the ledger has forgotten between two that it has, nobody knows how far it came: a table
//        forgets closed ranges in no order.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { type ChainKey, hasOwnPosition, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { hasCommitted, type OutputProblem, type OutputProof, reachOf } from "./output-proof.ts";
import type { PipelineRanges } from "./read-ranges.ts";

/** Of a chain, or, with `rangeFrom`, of a range that has a position of its own. */
export interface PositionKey extends ChainKey {
  readonly topic: string;
  readonly rangeFrom?: bigint;
  /** Of a range of a request. */
  readonly plannedAt?: number;
}

/** Of the range itself. */
export function ownKeyOf({ chain, topic, fromOffset: rangeFrom, plannedAt }: RangeRecord): PositionKey {
  return { ...chain, topic, rangeFrom, ...(chain.requestId === undefined ? {} : { plannedAt }) };
}

export interface PositionStore {
  readonly name: string;
  readonly place: string;
  /** How long it keeps a position that nobody moves, in ms; absent: for ever. */
  readonly keepsMs?: number;
  /** All that may be asked for afterwards. */
  read(pipeline: PipelineRanges, signal: AbortSignal): Promise<Positions>;
  close(): Promise<void>;
}

export interface Positions {
  of(key: PositionKey): bigint | undefined;
  /** What it has for the pipeline, where it can tell. */
  readonly all: readonly StoredPosition[];
}

export interface StoredPosition extends PositionKey {
  /** The first offset whose outputs it has, where it keeps that. */
  readonly firstOffset?: bigint;
}

export interface PositionRules {
  readonly ledger: Pick<RangeLedger<never>, "rangesWithin">;
  readonly now: number;
  readonly signal: AbortSignal;
}

export async function verifyPositions(
  store: PositionStore,
  pipeline: PipelineRanges,
  rules: PositionRules,
): Promise<OutputProof> {
  const positions = await store.read(pipeline, rules.signal);
  const written = pipeline.ranges.filter(hasCommitted);
  const since = introducedAt(positions, pipeline);
  const problems: OutputProblem[] = [...strangers(positions, pipeline)];
  for (const chain of Map.groupBy(pipeline.ranges, chainNameOf).values()) {
    rules.signal.throwIfAborted();
    problems.push(...(await verifyChainPosition(chain, { store, positions, rules, since })));
  }
  return {
    pipelines: [pipeline.record.pipeline],
    output: store.name,
    place: store.place,
    ranges: written.length,
    problems,
  };
}

interface Verifying {
  readonly store: PositionStore;
  readonly positions: Positions;
  readonly rules: PositionRules;
  /** When the pipeline's outputs began to go to the store, where that is known. */
  readonly since: number | undefined;
}

/** `ranges` are of one chain, or of one partition of a request. */
async function verifyChainPosition(
  ranges: readonly RangeRecord[],
  { store, positions, rules, since = 0 }: Verifying,
): Promise<readonly OutputProblem[]> {
  const last = ranges.findLast(hasCommitted) ?? ranges.at(-1);
  if (last === undefined) {
    return [];
  }
  const at = last.chain.requestId === undefined ? positions.of({ ...last.chain, topic: last.topic }) : undefined;
  const isCovered = ({ committedOffset }: RangeRecord) => at !== undefined && at >= committedOffset;
  const problems: OutputProblem[] = [];
  const owed = { own: [] as RangeRecord[], sequential: [] as RangeRecord[] };
  for (const range of ranges) {
    const own = hasOwnPosition(range) ? positions.of(ownKeyOf(range)) : undefined;
    if (own !== undefined) {
      problems.push(...judge(range, { store, at: own, reach: reachOf(range) }));
    } else if (hasCommitted(range) && !isCovered(range) && !isOfBefore(range, since)) {
      owed[hasOwnPosition(range) ? "own" : "sequential"].push(range);
    }
  }
  // Who writes down where a chain stands counts what has positions of its own too.
  if (at !== undefined && at > last.committedOffset && !isForgotten(at, ranges)) {
    problems.push(...judge(last, { store, at, reach: await reachOfChain(last, at, rules) }));
  }
  const { now } = rules;
  return [
    ...problems,
    ...behind(owed.own, { store, at: undefined, now }),
    ...behind(owed.sequential, { store, at, now }),
  ];
}

/** Whether the range that ends there, or has the offset before, is none of these, and one behind it is (VP3). */
function isForgotten(at: bigint, ranges: readonly RangeRecord[]): boolean {
  return (
    !ranges.some(({ fromOffset, untilOffset }) => fromOffset < at && at <= untilOffset) &&
    ranges.some(({ fromOffset }) => fromOffset >= at)
  );
}

/** A request that was done before has nothing in the store, and no position. */
function isOfBefore({ chain, completedAt }: RangeRecord, since: number): boolean {
  return chain.requestId !== undefined && completedAt !== undefined && completedAt < since;
}

/** When the first live range began of which the store has outputs; undefined where the ledger has forgotten it, or there is none. */
function introducedAt({ all }: Positions, { ranges }: PipelineRanges): number | undefined {
  const times = all.map(({ topicId, partition, requestId, rangeFrom, firstOffset }) => {
    if (requestId !== undefined || rangeFrom !== undefined || firstOffset === undefined) {
      return Number.POSITIVE_INFINITY;
    }
    const first = ranges.find(
      ({ chain, fromOffset, untilOffset }) =>
        chain.requestId === undefined &&
        chain.topicId === topicId &&
        chain.partition === partition &&
        fromOffset <= firstOffset &&
        firstOffset < untilOffset,
    );
    return first?.startedAt ?? 0;
  });
  const earliest = Math.min(...times);
  return Number.isFinite(earliest) ? earliest : undefined;
}

interface Judged {
  readonly store: PositionStore;
  readonly at: bigint;
  readonly reach: bigint;
}

function judge(range: RangeRecord, { store, at, reach }: Judged): readonly OutputProblem[] {
  const where = `${store.name} stands at ${at} in ${formatOffsetRange(range)}`;
  if (at < range.committedOffset && hasCommitted(range)) {
    return [
      { kind: "positionBehind", message: `${where}, and the ledger has it committed to ${range.committedOffset}` },
    ];
  }
  return at > reach
    ? [{ kind: "positionAhead", message: `${where}, and the ledger has nothing processed beyond ${reach}` }]
    : [];
}

/** One problem, however many ranges are beyond the position. */
function behind(
  ranges: readonly RangeRecord[],
  { store, at, now }: { readonly store: PositionStore; readonly at: bigint | undefined; readonly now: number },
): readonly OutputProblem[] {
  const owed = at === undefined ? ranges.filter((range) => !mayBeForgotten(range, store, now)) : ranges;
  const [first] = owed;
  if (first === undefined) {
    return [];
  }
  const others = owed.length === 1 ? "" : `, and ${owed.length - 1} more ranges behind it`;
  const said = `which the ledger has committed to ${first.committedOffset}${others}`;
  const where = formatOffsetRange(first);
  return at === undefined
    ? [{ kind: "positionMissing", message: `${store.name} has no position of ${where}, ${said}` }]
    : [{ kind: "positionBehind", message: `${store.name} stands at ${at}, below the end of ${where}, ${said}` }];
}

function mayBeForgotten({ completedAt, startedAt }: RangeRecord, { keepsMs }: PositionStore, now: number): boolean {
  return keepsMs !== undefined && (completedAt ?? startedAt ?? now) + keepsMs < now;
}

/** Of the ranges that the position has passed, as they are now, and of those that were planned since. */
async function reachOfChain(last: RangeRecord, at: bigint, { ledger }: PositionRules): Promise<bigint> {
  const bounds = { fromOffset: last.fromOffset, untilOffset: at };
  const ranges = await Array.fromAsync(ledger.rangesWithin(last.chain, bounds));
  return ranges.reduce((reach, range) => {
    const of = reachOf(range);
    return of > range.fromOffset && of > reach ? of : reach;
  }, last.committedOffset);
}

/** Chains that the store has of the pipeline, and the ledger does not know. */
function strangers({ all }: Positions, { record, ranges }: PipelineRanges): readonly OutputProblem[] {
  const known = new Set([
    ...record.topics.flatMap(({ topicId, partitions }) => partitions.map((partition) => `${topicId}#${partition}`)),
    ...ranges.map(({ chain }) => `${chain.topicId}#${chain.partition}`),
  ]);
  return all
    .filter(({ topicId, partition, requestId }) => requestId === undefined && !known.has(`${topicId}#${partition}`))
    .map(({ topic, topicId, partition }) => ({
      kind: "positionStray",
      message: `${topic}-${partition} of topic id ${topicId} has a position, and the ledger knows no such chain of ${record.pipeline}`,
    }));
}

function chainNameOf({ chain }: RangeRecord): string {
  return `${chain.topicId}#${chain.partition}#${chain.requestId ?? ""}`;
}
