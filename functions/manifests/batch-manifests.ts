// Batch manifests
//
// What a batch has put into an archive, once nothing of it can change any more: its ranges, their
// objects, and what became of their offsets. It is made of the ledger alone, which keeps closed ranges as
// they are (G4), so that whoever writes it, the function or the command, and however often, writes the same.
//
//   BM1  A batch is complete once its scheduler run is over and every range that it planned is closed.
//   BM2  Of a batch of which the table may have forgotten a range nothing is said.

import type { ArchivePlace, ArchiveReceipt } from "../../shared/archive/archive-memo.ts";
import { readReceipt } from "../../shared/archive/archive-memo.ts";
import { BATCH_SETTLED_MS } from "../../shared/core/limits.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range/range-record.ts";
import { stringify } from "../../shared/wire/json/json.ts";

export const MANIFEST_FOLDER = "_manifests";

export interface BatchManifest extends ArchivePlace {
  readonly key: string;
  /**
   * "open": a range of it is; "recent": a run of the scheduler may still plan one (BM1); "forgotten": the table may lack
   * some of it (BM2).
   */
  readonly state: "complete" | "open" | "recent" | "forgotten";
  readonly batchId: string;
  readonly ranges: number;
  /** Its content. */
  readonly text: string;
}

export interface ManifestRules {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds since the epoch: closed ranges of before may be forgotten. */
  readonly rememberedSince: number;
}

/** All that is to be said of pipelines. */
export function batchManifests(
  pipelines: readonly { readonly ranges: readonly RangeRecord[] }[],
  rules: ManifestRules,
): readonly BatchManifest[] {
  return pipelines.flatMap(({ ranges }) => batchesOf(ranges).flatMap((batch) => manifestsOf(batch, rules)));
}

/** The ranges of one pipeline, batch by batch. */
export function batchesOf(ranges: readonly RangeRecord[]): readonly (readonly RangeRecord[])[] {
  return [...Map.groupBy(ranges.filter(isPlanned), batchOf).values()];
}

/** An anchor is no range, and what was lost before it was planned has a batch like any other. */
function isPlanned({ status }: RangeRecord): boolean {
  return status !== "ANCHOR";
}

function batchOf({ batchId, chain }: RangeRecord): string {
  return `${batchId}#${chain.requestId ?? ""}`;
}

/** When the first of the batch's ranges was planned. */
export function begunAt(batch: readonly RangeRecord[]): number {
  return batch.reduce((least, { plannedAt }) => Math.min(least, plannedAt), Number.POSITIVE_INFINITY);
}

/** One for each archive that the batch has put something into; `batch` is all that the ledger has of it. */
export function manifestsOf(batch: readonly RangeRecord[], rules: ManifestRules): readonly BatchManifest[] {
  const receipts = batch.flatMap(receiptsOf);
  const places = new Map(receipts.map(({ bucket, prefix }) => [`${bucket}/${prefix}`, { bucket, prefix }]));
  const state = stateOf(batch, rules);
  return [...places.values()].map(({ bucket, prefix }) => {
    const batchId = batch[0]?.batchId ?? "";
    const folder = prefix === "" ? MANIFEST_FOLDER : `${prefix}/${MANIFEST_FOLDER}`;
    const key = `${folder}/${batchId}.json`;
    return { bucket, prefix, key, state, batchId, ranges: batch.length, text: textOf(batch, { bucket, prefix }) };
  });
}

function stateOf(batch: readonly RangeRecord[], { now, rememberedSince }: ManifestRules): BatchManifest["state"] {
  const plannedAt = begunAt(batch);
  if (plannedAt < rememberedSince) {
    return "forgotten";
  }
  if (!batch.every(isClosed)) {
    return "open";
  }
  return plannedAt + BATCH_SETTLED_MS <= now ? "complete" : "recent";
}

function receiptsOf({ receipts = [] }: RangeRecord): readonly ArchiveReceipt[] {
  return receipts.flatMap((text) => readReceipt(text) ?? []);
}

function textOf(batch: readonly RangeRecord[], place: ArchivePlace): string {
  const ranges = batch.toSorted(compareRanges).map((range) => rangeOf(range, place));
  const objects = ranges.flatMap((range) => range.objects);
  const [first] = batch;
  const sum = (counts: readonly number[]) => counts.reduce((all, count) => all + count, 0);
  return `${stringify({
    v: 1,
    pipeline: first?.chain.pipeline,
    ...omitUndefined({ requestId: first?.chain.requestId }),
    batchId: first?.batchId,
    plannedAt: new Date(begunAt(batch)).toISOString(),
    ...{ ranges: ranges.length, objects: objects.length },
    records: sum(objects.map(({ records }) => records)),
    bytes: sum(objects.map(({ bytes }) => bytes)),
    content: ranges,
  })}\n`;
}

function rangeOf(range: RangeRecord, { bucket, prefix }: ArchivePlace) {
  const { chain, topic, partition, fromOffset, committedOffset, untilOffset, status, counts } = range;
  const receipts = receiptsOf(range).filter((one) => one.bucket === bucket && one.prefix === prefix);
  return {
    ...{ topic, topicId: chain.topicId, partition, fromOffset, untilOffset },
    // Below the end where the rest was given up.
    ...{ committedOffset, status, delivered: counts.delivered },
    ...omitUndefined({ rejected: counts.rejected }),
    objects: receipts.flatMap(({ objects }) => objects),
  };
}

function compareRanges(a: RangeRecord, b: RangeRecord): number {
  if (a.topic !== b.topic) {
    return a.topic < b.topic ? -1 : 1;
  }
  if (a.partition !== b.partition || a.fromOffset !== b.fromOffset) {
    return a.partition - b.partition || (a.fromOffset < b.fromOffset ? -1 : 1);
  }
  // A topic that was created again has the old one's name.
  return a.chain.topicId < b.chain.topicId ? -1 : 1;
}
