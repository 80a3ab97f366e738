// Expect archives
//
// What the ledger's receipts say that buckets have: every object with its size and its
// digests, and what an attempt has prepared, which may be there or not.

import {
  type ArchivedObject,
  type ArchivePlace,
  type ArchiveReceipt,
  decodeMemo,
  readReceipt,
} from "../../../shared/archive/archive-memo.ts";
import { LEAST_RETENTION_MS } from "../../../shared/core/limits.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { OutputProblem } from "./output-proof.ts";
import type { PipelineRanges } from "./read-ranges.ts";

export interface ExpectedObject extends ArchivedObject {
  /** Of which range, for messages. */
  readonly range: string;
  /** The offsets that took effect with it, for messages: what writes it again. */
  readonly committed: string;
}

/** What is below one prefix of one bucket. */
export interface ExpectedArchive extends ArchivePlace {
  readonly pipelines: Set<string>;
  ranges: number;
  readonly objects: Map<string, ExpectedObject>;
  /** Keys of objects that may be there. */
  readonly prepared: Set<string>;
  readonly problems: OutputProblem[];
}

/** As the output writes its name beside what it has prepared. */
const ARCHIVE_OUTPUT = "S3";

export function expectArchives(pipelines: readonly PipelineRanges[]): readonly ExpectedArchive[] {
  const archives = new Map<string, ExpectedArchive>();
  const archiveAt = ({ bucket, prefix }: ArchivePlace, pipeline: string): ExpectedArchive => {
    const name = `${bucket}/${prefix}`;
    const archive = archives.get(name) ?? {
      ...{ bucket, prefix, ranges: 0, problems: [] },
      ...{ pipelines: new Set(), objects: new Map(), prepared: new Set() },
    };
    archives.set(name, archive);
    archive.pipelines.add(pipeline);
    return archive;
  };
  for (const { record, ranges } of pipelines) {
    for (const range of ranges) {
      expectRange(range, (place) => archiveAt(place, record.pipeline));
    }
  }
  return [...archives.values()];
}

function expectRange(range: RangeRecord, archiveAt: (place: ArchivePlace) => ExpectedArchive): void {
  const receipts = (range.receipts ?? []).flatMap((text) => readReceipt(text) ?? []);
  const counted = new Set<ExpectedArchive>();
  let reached = range.fromOffset;
  for (const receipt of receipts) {
    const archive = archiveAt(receipt);
    archive.ranges += counted.has(archive) ? 0 : 1;
    counted.add(archive);
    expectObjects(archive, range, receipt);
    if (receipt.fromOffset < reached || receipt.untilOffset > range.committedOffset) {
      const where = `${formatOffsetRange(range)}, committed to ${range.committedOffset}, has a receipt of [${receipt.fromOffset}, ${receipt.untilOffset})`;
      archive.problems.push({ kind: "receiptWrong", message: `${where}, which overlaps another or lies outside` });
    }
    reached = receipt.untilOffset;
  }
  if (range.prepared?.output === ARCHIVE_OUTPUT) {
    const memo = decodeMemo(range.prepared.memo);
    const archive = archiveAt(memo);
    for (const { key } of memo.objects) {
      archive.prepared.add(key);
    }
  }
}

function expectObjects(archive: ExpectedArchive, record: RangeRecord, receipt: ArchiveReceipt): void {
  const { objects, fromOffset, untilOffset } = receipt;
  const range = formatOffsetRange(record);
  const committed = `[${fromOffset}, ${untilOffset})`;
  for (const object of objects) {
    const other = archive.objects.get(object.key);
    if (other !== undefined) {
      archive.problems.push({
        kind: "receiptWrong",
        message: `${object.key} is the object of ${other.range} and of ${range}`,
      });
    }
    archive.objects.set(object.key, { ...object, range, committed });
  }
}

/**
 * The moment, in ms since the epoch, before which the table may have forgotten closed ranges, whose objects are nobody's
 * then; with room for clocks that differ. What an operator skips is kept for as long as that one says, which tells
 * nothing of what else was closed.
 */
export function rememberedSince(pipelines: readonly PipelineRanges[], now: number): number {
  const all = pipelines.flatMap((pipeline) => pipeline.ranges);
  const ofPipelines = all.filter(({ status, completedAt }) => status !== "SKIPPED" && completedAt !== undefined);
  const ranges = ofPipelines.length > 0 ? ofPipelines : all;
  const kept = ranges.flatMap(({ completedAt, expiresAt }) =>
    completedAt === undefined || expiresAt === undefined ? [] : [{ from: completedAt, until: expiresAt }],
  );
  const least = kept.reduce((a, { from, until }) => Math.min(a, until - from), Number.POSITIVE_INFINITY);
  // What a chain goes on from was renewed, and is older than anything need be: only what it has left tells of the retention.
  const left = kept.reduce((a, { until }) => Math.max(a, until - now), 0);
  return now - Math.max(Math.min(least, left), LEAST_RETENTION_MS) + CLOCK_MARGIN_MS;
}

const CLOCK_MARGIN_MS = 300_000;
