// Resolve reprocess
//
// Holds what a reprocess payload asks for against the log as it is now, and cuts
// it into the ranges that will be processed. Every problem is collected, so that
// one answer names them all, before anything is written.
//
//   RE1  What is answered are numbers of topics that exist: nothing of it moves with
//        the log from then on.
//   RE2  No range is empty, none overlaps another, all lie within their logs.

import { splitRanges } from "../choice/cut-pieces.ts";
import { explainEnds } from "../choice/explain-ends.ts";
import { listBounds, type PartitionLog } from "../choice/list-logs.ts";
import { type RangeProblem, refuseProblems } from "../choice/range-problem.ts";
import { type ChosenSource, type RangeChoice, type ResolvedRange, resolveChoice } from "../choice/resolve-choice.ts";
import { ConfigurationError } from "../errors.ts";
import type { ReprocessPayload } from "../ledger/reprocess-request.ts";
import { omitUndefined } from "../omit-undefined.ts";
import { compareOffsetRanges, formatOffsetRange, type OffsetRange, recordCount } from "../range/offset-range.ts";
import { compareTopicPartitions, distinctPartitions, formatTopicPartition } from "../range/topic-partition.ts";
import { findEmptySource } from "../source/empty-source.ts";
import { describeEnd } from "../source/held-back.ts";
import type { OffsetSource } from "../source/offset-source.ts";

export interface ReprocessRules extends ChosenSource {
  /** Longest range where the payload does not say, in offsets. */
  readonly maxRecordsPerPartition: bigint;
}

/** By topic, partition and offset. Throws ConfigurationError that lists everything that cannot be read exactly. */
export async function resolveReprocess(
  source: OffsetSource,
  rules: ReprocessRules,
  { target, split }: Pick<ReprocessPayload, "target" | "split">,
): Promise<readonly ResolvedRange[]> {
  try {
    const chosen =
      target.kind === "ranges"
        ? await resolveRanges(source, rules, target.ranges)
        : await resolveSome(source, { ...rules, selection: target.selection ?? rules.selection }, target.choice);
    return splitRanges(chosen, { maxRecordsPerRange: rules.maxRecordsPerPartition, ...split });
  } catch (error) {
    if (error instanceof ConfigurationError) {
      const { message, passes } = error;
      throw new ConfigurationError(`nothing was reprocessed: ${message}`, {
        cause: error,
        ...omitUndefined({ passes }),
      });
    }
    throw error;
  }
}

/** A source that selects nothing would be a request that is done at once. */
async function resolveSome(
  source: OffsetSource,
  chosen: ChosenSource,
  choice: RangeChoice,
): Promise<readonly ResolvedRange[]> {
  const ranges = await resolveChoice(source, chosen, choice);
  const empty = ranges.length === 0 ? await findEmptySource(source, chosen.selection) : undefined;
  if (empty !== undefined) {
    throw new ConfigurationError(empty);
  }
  return ranges;
}

async function resolveRanges(
  source: OffsetSource,
  { isolationLevel }: ChosenSource,
  ranges: readonly OffsetRange[],
): Promise<readonly ResolvedRange[]> {
  const { partitions, missing, forbidden = [] } = await source.describe({ assign: distinctPartitions(ranges) });
  const listed = await listBounds(source, partitions, isolationLevel);
  const logs = await explainEnds(source, listed, isolationLevel, (log) =>
    ranges.some((range) => compareTopicPartitions(range, log) === 0 && range.untilOffset > log.endOffset),
  );
  const byName = new Map(logs.map((log) => [formatTopicPartition(log), log]));
  const resolved = ranges.toSorted(compareOffsetRanges).map((range) => ({
    range,
    log: byName.get(formatTopicPartition(range)),
  }));
  const problems = [
    ...missing.map((name) => `${name} does not exist`),
    ...forbidden.map(({ reason }) => reason),
    ...problemsAmong(ranges),
  ];
  refuseProblems([
    ...problems.map((text) => ({ text })),
    ...resolved.flatMap(({ range, log }) => (log === undefined ? [] : problemsOf(range, log))),
  ]);
  return resolved.flatMap(({ range, log }) => (log === undefined ? [] : [{ topicId: log.topicId, ...range }]));
}

function problemsAmong(ranges: readonly OffsetRange[]): readonly string[] {
  const problems: string[] = [];
  let furthest: OffsetRange | undefined;
  for (const range of ranges.toSorted(compareOffsetRanges)) {
    if (recordCount(range) <= 0n) {
      problems.push(`${formatOffsetRange(range)} is empty: untilOffset is exclusive and must exceed fromOffset`);
      continue;
    }
    const before = furthest !== undefined && compareTopicPartitions(furthest, range) === 0 ? furthest : undefined;
    if (before !== undefined && before.untilOffset > range.fromOffset) {
      problems.push(`${formatOffsetRange(before)} and ${formatOffsetRange(range)} overlap; join or separate them`);
    }
    // A long range may overlap several that follow it.
    furthest = before !== undefined && before.untilOffset > range.untilOffset ? before : range;
  }
  return problems;
}

function problemsOf(range: OffsetRange, log: PartitionLog): readonly RangeProblem[] {
  const what = formatOffsetRange(range);
  const { beginningOffset, endOffset } = log;
  return [
    ...(range.fromOffset < beginningOffset
      ? [
          {
            text: `${what} begins below the log's first offset ${beginningOffset}: those records are gone`,
            passes: "beginning",
          } as const,
        ]
      : []),
    ...(range.untilOffset > endOffset
      ? [{ text: `${what} ends above the log's end ${describeEnd(log)}`, passes: "end" } as const]
      : []),
  ];
}
