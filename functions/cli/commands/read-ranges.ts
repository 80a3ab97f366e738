// ranges read: the records of exact ranges as JSON lines.
//
// All ranges are held against their logs before the first record is printed, so
// that a range which cannot be read whole prints nothing.

import { explainEnds } from "../../../shared/core/choice/explain-ends.ts";
import { listLogs, type PartitionLog } from "../../../shared/core/choice/list-logs.ts";
import { BeyondEndError, DataLossError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange, type OffsetRange, recordCount } from "../../../shared/core/range/offset-range.ts";
import { addCounts, NO_COUNTS, type RangeCounts } from "../../../shared/core/range/range-record.ts";
import {
  compareTopicPartitions,
  distinctPartitions,
  formatTopicPartition,
} from "../../../shared/core/range/topic-partition.ts";
import { describeEnd } from "../../../shared/core/source/held-back.ts";
import type { IsolationLevel, OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { RangeRead, RangeReader } from "../../../shared/core/source/range-reader.ts";
import { decodeParts } from "../decoding/decode-parts.ts";
import type { PartDeserializers } from "../decoding/open-deserializers.ts";
import { recordToJson } from "../output/record-json.ts";
import type { Terminal } from "../output/terminal.ts";

const PROGRESS_INTERVAL_MS = 5_000;

export interface ReadDeps {
  readonly source: OffsetSource;
  readonly reader: RangeReader;
  readonly terminal: Terminal;
  readonly now: () => number;
}

export interface ReadOptions {
  readonly ranges: readonly OffsetRange[];
  readonly isolationLevel: IsolationLevel;
  /** Of keys and values that are printed decoded; one that cannot be is printed as its bytes, with the reason. */
  readonly deserializers?: PartDeserializers;
}

/** Throws DataLossError and BeyondEndError before anything is printed where the log shows it already. */
export async function readRanges(deps: ReadDeps, options: ReadOptions): Promise<void> {
  const { ranges, isolationLevel, deserializers } = options;
  const { terminal, reader, now } = deps;
  const startedAt = now();
  const wanted = ranges.filter((range) => recordCount(range) > 0n);
  const logs =
    wanted.length === 0 ? new Map<string, PartitionLog>() : await checkRanges(deps.source, wanted, isolationLevel);
  let tellProgress = () => {};
  // By the clock, not by the record: a range may hold nothing to print for long.
  const progress = setInterval(() => tellProgress(), PROGRESS_INTERVAL_MS);
  let counts = NO_COUNTS;
  let undecodable = 0;
  try {
    for (const range of wanted) {
      const log = logs.get(formatTopicPartition(range));
      const read = reader.readRange({
        range,
        isolationLevel,
        signal: terminal.signal,
        ...(log === undefined ? {} : { topicId: log.topicId }),
        ...omitUndefined({ leader: log?.leader }),
      });
      tellProgress = () => terminal.note(progressOf(range, read, reader));
      for await (const record of read.records()) {
        const decoded = deserializers === undefined ? {} : await decodeParts(range, record, deserializers);
        undecodable += decoded.undecodable === undefined ? 0 : 1;
        await terminal.print(recordToJson(range, record, decoded));
      }
      counts = addCounts(counts, read.counts);
    }
  } finally {
    clearInterval(progress);
  }
  const { throttleTimeMs } = reader;
  const told = deserializers === undefined ? {} : { undecodable };
  terminal.note(summaryOf(wanted, { ...counts, ...told }, { elapsedMs: now() - startedAt, throttleTimeMs }));
}

async function checkRanges(
  source: OffsetSource,
  ranges: readonly OffsetRange[],
  isolationLevel: IsolationLevel,
): Promise<ReadonlyMap<string, PartitionLog>> {
  const listed = await listLogs(source, { assign: distinctPartitions(ranges) }, isolationLevel);
  const explained = await explainEnds(source, listed, isolationLevel, (log) =>
    ranges.some((range) => compareTopicPartitions(range, log) === 0 && range.untilOffset > log.endOffset),
  );
  const logs = new Map(explained.map((log) => [formatTopicPartition(log), log]));
  for (const range of ranges) {
    const log = logs.get(formatTopicPartition(range));
    if (log !== undefined) {
      checkRange(range, log, isolationLevel);
    }
  }
  return logs;
}

function checkRange(range: OffsetRange, log: PartitionLog, isolation: IsolationLevel): void {
  const { fromOffset, untilOffset } = range;
  const { beginningOffset, endOffset, heldBack } = log;
  const what = formatOffsetRange(range);
  if (fromOffset < beginningOffset) {
    throw new DataLossError(`${what} begins below the log's first offset ${beginningOffset}: those records are gone`, {
      fromOffset,
      loss: { kind: "deleted", beginningOffset },
    });
  }
  if (untilOffset > endOffset) {
    const end = heldBack === undefined ? `${endOffset} (${isolation})` : describeEnd(log);
    throw new BeyondEndError(`${what} ends beyond the log's end ${end}`, { untilOffset, endOffset });
  }
}

function progressOf(range: OffsetRange, { position }: RangeRead, { throttleTimeMs }: RangeReader): string {
  const done = Number(((position - range.fromOffset) * 1_000n) / recordCount(range)) / 10;
  const throttled = throttleTimeMs === 0 ? "" : `, throttled for ${throttleTimeMs / 1_000} s by a quota of Kafka`;
  return `${formatOffsetRange(range)}: at ${position} (${done} %${throttled})`;
}

interface Took {
  readonly elapsedMs: number;
  /** Of it, what Kafka's quotas made the reader wait. */
  readonly throttleTimeMs: number;
}

interface ReadCounts extends RangeCounts {
  /** Records of which something is printed as its bytes, where it was to be decoded. */
  readonly undecodable?: number;
}

function summaryOf(ranges: readonly OffsetRange[], counts: ReadCounts, took: Took): string {
  const offsets = ranges.reduce((sum, range) => sum + recordCount(range), 0n);
  const { delivered, aborted, control, bytes, undecodable } = counts;
  return JSON.stringify({
    delivered: Number(delivered),
    undecodable,
    aborted: Number(aborted),
    control: Number(control),
    absent: Number(offsets - delivered - aborted - control),
    bytes: Number(bytes),
    ranges: ranges.length,
    seconds: took.elapsedMs / 1_000,
    throttledSeconds: took.throttleTimeMs / 1_000,
  });
}
