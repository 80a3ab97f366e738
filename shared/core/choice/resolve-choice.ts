// Resolve choice
//
// Asks the log what a choice of offsets or timestamps comes to, once: what it
// answers are numbers. The command line's dry run and a reprocess request get
// the same ranges from it.

import { ConfigurationError } from "../errors.ts";
import type { OffsetRange } from "../range/offset-range.ts";
import { formatTopicPartition } from "../range/topic-partition.ts";
import type { IsolationLevel, OffsetSource, SourceSelection } from "../source/offset-source.ts";
import { chooseOffsets, isBeyondEnd, type OffsetChoice } from "./choose-offsets.ts";
import { explainEnds } from "./explain-ends.ts";
import { type BatchLimits, limitRanges } from "./limit-ranges.ts";
import { listLogs, listTimestamps, type PartitionLog } from "./list-logs.ts";
import { matchTimestamps, type NoMatch, type TimestampChoice, timestampsOf } from "./match-timestamps.ts";
import { committedOffsets, type StartingGroup } from "./starting-group.ts";

/** One end of what is chosen: offsets, or the first record that is not older than a timestamp. */
export type OffsetBound = { readonly offsets: OffsetChoice } | { readonly timestamps: TimestampChoice };

/** A beginning may also be what a consumer group has committed. */
export type StartingBound = OffsetBound | { readonly group: StartingGroup };

export interface RangeChoice {
  readonly starting: StartingBound;
  readonly ending: OffsetBound;
  /** For starting timestamps; an ending one without a match is the end of the log, as in Spark. */
  readonly onNoMatch: NoMatch;
  readonly limits: BatchLimits;
}

export interface ChosenSource {
  readonly selection: SourceSelection;
  readonly isolationLevel: IsolationLevel;
}

/** A range of the topic that has this id now. */
export interface ResolvedRange extends OffsetRange {
  readonly topicId: string;
}

/** In topic, partition order, the empty ones left out. Throws ConfigurationError that names every problem. */
export async function resolveChoice(
  source: OffsetSource,
  { selection, isolationLevel }: ChosenSource,
  { starting, ending, onNoMatch, limits }: RangeChoice,
): Promise<readonly ResolvedRange[]> {
  const logs = await listLogs(source, selection, isolationLevel);
  const match = async (what: string, bound: StartingBound, noMatch: NoMatch): Promise<OffsetChoice> => {
    if ("offsets" in bound) {
      return bound.offsets;
    }
    if ("group" in bound) {
      return committedOffsets(source, bound.group, logs);
    }
    const asked = timestampsOf(what, bound.timestamps, logs);
    return matchTimestamps(what, await listTimestamps(source, asked, isolationLevel), noMatch);
  };
  const from = match("starting timestamps", starting, onNoMatch);
  const until = match("ending timestamps", ending, "latest");
  await refuseTogether([from, until]);
  const offsets = { starting: await from, ending: await until };
  const explained = await explainEnds(source, logs, isolationLevel, (log) => isBeyondEnd(offsets, log));
  const chosen = chooseOffsets(explained, offsets);
  return withTopicIds(limitRanges(chosen, limits), logs);
}

/** Rejects with the first other error, or with one ConfigurationError of all their messages. */
async function refuseTogether(choices: readonly Promise<unknown>[]): Promise<void> {
  const settled = await Promise.allSettled(choices);
  const reasons = settled.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  const other = reasons.find((reason) => !(reason instanceof ConfigurationError));
  if (other !== undefined) {
    throw other;
  }
  if (reasons.length > 0) {
    throw new ConfigurationError(reasons.map(({ message }) => message).join("; "));
  }
}

function withTopicIds(ranges: readonly OffsetRange[], logs: readonly PartitionLog[]): readonly ResolvedRange[] {
  const topicIds = new Map(logs.map((log) => [formatTopicPartition(log), log.topicId]));
  return ranges.flatMap((range) => {
    const topicId = topicIds.get(formatTopicPartition(range));
    return topicId === undefined ? [] : [{ topicId, ...range }];
  });
}
