// Planned batches
//
// Finds the batches of the scheduler that began within a span of time, with all that the ledger
// has of them. A chain has its ranges by offset; since later ones are planned later, the first of the span is
// found by halving, and only what lies behind it is read.
//
//   PBA1  A batch comes whole or not at all: what was split off a range of an older one, however late, is
//         no batch of its own, and what was split off since a run is read with it.
//   PBA2  What is read of a chain is bounded by what was planned since, not by how long the chain is.

import type { ManifestLedger } from "../../shared/core/ledger/manifest-ledger.ts";
import type { PipelineRecord } from "../../shared/core/ledger/pipeline-record.ts";
import { BATCH_SETTLED_MS, MANIFESTS_WINDOW_MS, MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import { recordCount } from "../../shared/core/range/offset-range.ts";
import type { ChainKey, RangeRecord } from "../../shared/core/range/range-record.ts";
import { batchesOf, begunAt } from "./batch-manifests.ts";

export interface PlannedBatches {
  /** Milliseconds since the epoch, exclusive: those that began before it, and not before the span, are all here. */
  readonly until: number;
  readonly batches: readonly (readonly RangeRecord[])[];
  /** Whether no chain has a range that was planned since. */
  readonly isIdle: boolean;
}

/** Both in milliseconds since the epoch. */
export interface Span {
  /** Inclusive. */
  readonly since: number;
  /** Exclusive; at least BATCH_SETTLED_MS ago, so that no run of before it goes on planning. */
  readonly until: number;
}

type Reader = Pick<ManifestLedger, "newestRange" | "newestBelow" | "rangesWithin">;

/** Those of the span's beginning, where it is long: of MANIFESTS_WINDOW_MS, and not of what is idle before. */
export async function plannedBatches(ledger: Reader, record: PipelineRecord, span: Span): Promise<PlannedBatches> {
  const before = span.since - BATCH_SETTLED_MS;
  const chains = await mapConcurrently(chainsOf(record, span.since), MAX_CONCURRENT_LEDGER_CALLS, async (chain) => {
    const newest = await ledger.newestRange(chain);
    return newest === undefined || newest.plannedAt < before ? [] : [await findStart(ledger, newest, before)];
  });
  const starts = chains.flat();
  const first = starts.reduce((least, { plannedAt }) => Math.min(least, plannedAt), span.until);
  const until = Math.min(span.until, Math.max(span.since, first) + MANIFESTS_WINDOW_MS);
  const read = await mapConcurrently(starts, MAX_CONCURRENT_LEDGER_CALLS, (start) =>
    readSince(ledger, start, { before, until: until + BATCH_SETTLED_MS }),
  );
  const older = new Set(read.flatMap(({ olderBatch }) => olderBatch ?? []));
  const batches = batchesOf(read.flatMap(({ records }) => records)).filter((batch) => {
    const began = begunAt(batch);
    return span.since <= began && began < until && !batch.some(({ batchId }) => older.has(batchId));
  });
  return { until, batches, isIdle: starts.length === 0 };
}

/** All that the ledger has of one batch, which is settled. */
export async function plannedBatch(
  ledger: Reader,
  record: PipelineRecord,
  { batchId, begunAt: since }: { readonly batchId: string; readonly begunAt: number },
): Promise<readonly RangeRecord[]> {
  const { batches } = await plannedBatches(ledger, record, { since, until: since + 1 });
  return batches.flat().filter((range) => range.batchId === batchId);
}

/** All live chains, but those that were left before: nothing was planned of them since. */
function chainsOf({ pipeline, topics }: PipelineRecord, since: number): readonly ChainKey[] {
  return topics
    .filter(({ leftAt }) => leftAt === undefined || leftAt >= since - BATCH_SETTLED_MS)
    .flatMap(({ topicId, partitions }) => partitions.map((partition) => ({ pipeline, topicId, partition })));
}

interface ChainStart {
  readonly chain: ChainKey;
  /** No range that begins below was planned since; the last of them, where there is one, begins at it. */
  readonly fromOffset: bigint;
  /** Of a range that is not far behind. */
  readonly plannedAt: number;
}

/** `newest` was planned at `before` or later. */
async function findStart(ledger: Reader, newest: RangeRecord, before: number): Promise<ChainStart> {
  const { chain } = newest;
  const length = recordCount(newest) > 0n ? recordCount(newest) : 1n;
  let later = newest;
  let earlier: RangeRecord | undefined;
  /** No range that begins below was planned since. */
  let low = 0n;
  for (let stride = length * STRIDE; later.fromOffset >= stride; stride *= STRIDE) {
    const probe = later.fromOffset - stride + 1n;
    const found = await ledger.newestBelow(chain, probe);
    if (found === undefined || found.plannedAt < before) {
      earlier = found;
      low = probe;
      break;
    }
    later = found;
  }
  while (later.fromOffset - low > length * READ_AHEAD) {
    const middle = (low + later.fromOffset) / 2n;
    const found = await ledger.newestBelow(chain, middle);
    if (found === undefined || found.plannedAt < before) {
      earlier = found;
      low = middle;
    } else {
      later = found;
    }
  }
  return { chain, fromOffset: earlier?.fromOffset ?? low, plannedAt: later.plannedAt };
}

/** How many ranges' lengths the search goes back at first, and how much farther each time: seldom more than twice. */
const STRIDE = 4n;

/** Ranges' lengths that are read rather than searched through: one page of a query has hundreds. */
const READ_AHEAD = 16n;

interface ReadRanges {
  readonly records: readonly RangeRecord[];
  /** Whose ranges go back further than what was read. */
  readonly olderBatch?: string;
}

/** To the end of the chain, or of what was planned before `until` and was split off that since. */
async function readSince(
  ledger: Reader,
  { chain, fromOffset }: ChainStart,
  { before, until }: { readonly before: number; readonly until: number },
): Promise<ReadRanges> {
  const records: RangeRecord[] = [];
  let previous: RangeRecord | undefined;
  let olderBatch: string | undefined;
  for await (const record of ledger.rangesWithin(chain, { fromOffset, untilOffset: END })) {
    const isOfPrevious = record.batchId === previous?.batchId;
    if (records.length === 0 && record.plannedAt < before) {
      previous = record;
      continue;
    }
    if (records.length === 0 && isOfPrevious) {
      olderBatch = record.batchId;
    }
    if (record.plannedAt >= until && !isOfPrevious) {
      break;
    }
    records.push(record);
    previous = record;
  }
  return { records, ...(olderBatch === undefined ? {} : { olderBatch }) };
}

/** Beyond the last offset that Kafka has. */
const END = 2n ** 63n;
