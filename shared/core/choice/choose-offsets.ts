// Choose offsets
//
// Turns a choice of starting and ending offsets, as Spark's Kafka source takes
// them, into exact ranges. It is given the bounds of the logs and asks nobody.
//
//   CH1  A per-partition choice names every partition, no more and no less.
//   CH2  What is refused is refused as a whole, naming every problem; no offset is moved to fit.
//   CH3  What is resolved is a number: neither "latest" nor -1 outlives the planning.

import { compareOffsetRanges, type OffsetRange } from "../range/offset-range.ts";
import { formatTopicPartition, type TopicPartition } from "../range/topic-partition.ts";
import { describeEnd, type HeldBack } from "../source/held-back.ts";
import { namedValue, namingProblems } from "./named-partitions.ts";
import { type RangeProblem, refuseProblems } from "./range-problem.ts";

/** Spark's numbers for "the end of the log" and "its beginning" in a per-partition choice. */
export const LATEST = -1n;
export const EARLIEST = -2n;

/** For all partitions alike, or by partition or topic as named-partitions.ts keys it (LATEST and EARLIEST included). */
export type OffsetChoice = "earliest" | "latest" | ReadonlyMap<string, bigint>;

export interface LogBounds extends TopicPartition {
  readonly beginningOffset: bigint;
  readonly endOffset: bigint;
  /** What an open transaction holds back behind `endOffset`, where that was asked. */
  readonly heldBack?: HeldBack;
}

export interface ChosenOffsets {
  readonly starting: OffsetChoice;
  readonly ending: OffsetChoice;
}

/** Ranges in topic, partition order, the empty ones left out. Throws ConfigurationError. */
export function chooseOffsets(logs: readonly LogBounds[], choice: ChosenOffsets): readonly OffsetRange[] {
  refuseProblems(refuseChoice(logs, choice).map((text) => ({ text })));
  const problems: RangeProblem[] = [];
  const ranges: OffsetRange[] = [];
  for (const log of logs) {
    const fromOffset = resolve(choice.starting, log);
    const untilOffset = resolve(choice.ending, log);
    const problem = problemOf(log, fromOffset, untilOffset);
    if (problem !== undefined) {
      problems.push(problem);
    } else if (fromOffset < untilOffset) {
      ranges.push({ topic: log.topic, partition: log.partition, fromOffset, untilOffset });
    }
  }
  refuseProblems(problems);
  return ranges.toSorted(compareOffsetRanges);
}

/** Whether the choice asks for offsets of the log that lie beyond its end. */
export function isBeyondEnd({ starting, ending }: ChosenOffsets, log: LogBounds): boolean {
  return resolve(starting, log) > log.endOffset || resolve(ending, log) > log.endOffset;
}

/** What can be said against the choice before any log was asked for its bounds. */
function refuseChoice(partitions: readonly TopicPartition[], { starting, ending }: ChosenOffsets): readonly string[] {
  const isEarliestEnd = ending === "earliest" || (ending instanceof Map && [...ending.values()].includes(EARLIEST));
  return [
    ...(isEarliestEnd ? [`ending offsets must not be earliest (${EARLIEST}): no record lies before it`] : []),
    ...choiceProblems("starting offsets", starting, partitions),
    ...choiceProblems("ending offsets", ending, partitions, { mayBeEarliest: false }),
    ...reversed(starting, ending),
  ];
}

/** What is wrong when a choice by partition does not name exactly these (CH1). */
export function choiceProblems(
  what: string,
  choice: OffsetChoice,
  partitions: readonly TopicPartition[],
  { mayBeEarliest = true }: { readonly mayBeEarliest?: boolean } = {},
): readonly string[] {
  const hint = `; use ${mayBeEarliest ? `${EARLIEST} for earliest, ` : ""}${LATEST} for latest`;
  return typeof choice === "string" ? [] : namingProblems(what, choice, { partitions, hint });
}

function reversed(starting: OffsetChoice, ending: OffsetChoice): readonly string[] {
  if (typeof starting === "string" || typeof ending === "string") {
    return [];
  }
  return [...starting].flatMap(([name, from]) => {
    const until = ending.get(name);
    return until !== undefined && from >= 0n && until >= 0n && from > until
      ? [`the starting offset ${from} of ${name} is greater than its ending offset ${until}`]
      : [];
  });
}

function resolve(choice: OffsetChoice, log: LogBounds): bigint {
  const offset = offsetFor(choice, log);
  if (offset === "earliest") {
    return log.beginningOffset;
  }
  return offset === "latest" || offset === undefined ? log.endOffset : offset;
}

/** What the choice says of the partition; undefined where it does not name it. */
export function offsetFor(choice: OffsetChoice, partition: TopicPartition): "earliest" | "latest" | bigint | undefined {
  const offset = typeof choice === "string" ? choice : namedValue(choice, partition);
  if (offset === EARLIEST) {
    return "earliest";
  }
  return offset === LATEST ? "latest" : offset;
}

function problemOf(log: LogBounds, fromOffset: bigint, untilOffset: bigint): RangeProblem | undefined {
  const name = formatTopicPartition(log);
  const problem = startingProblem(log, fromOffset);
  if (problem !== undefined) {
    return problem;
  }
  if (untilOffset > log.endOffset) {
    return {
      text: `the ending offset ${untilOffset} of ${name} is beyond its log's end ${describeEnd(log)}`,
      passes: "end",
    };
  }
  return fromOffset > untilOffset
    ? { text: `the resolved starting offset ${fromOffset} of ${name} is greater than its ending offset ${untilOffset}` }
    : undefined;
}

/** Why nothing can start at this offset, with it and the bound that it passes. */
export function startingProblem(log: LogBounds, fromOffset: bigint): RangeProblem | undefined {
  const name = formatTopicPartition(log);
  if (fromOffset > log.endOffset) {
    return {
      text: `the starting offset ${fromOffset} of ${name} is beyond its log's end ${describeEnd(log)}`,
      passes: "end",
    };
  }
  return fromOffset < log.beginningOffset
    ? {
        text: `the starting offset ${fromOffset} of ${name} is below its log's first offset ${log.beginningOffset}: those records are gone`,
        passes: "beginning",
      }
    : undefined;
}
