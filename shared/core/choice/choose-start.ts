// Choose start
//
// Where the chain of one partition begins, as far as Kafka says enough to tell.
// Whether that is asked for at all, and what becomes of the answer, is the
// scheduler's.

import { formatTopicPartition } from "../range/topic-partition.ts";
import type { ListedOffset, PartitionMetadata } from "../source/offset-source.ts";
import { type OffsetChoice, offsetFor, startingProblem } from "./choose-offsets.ts";
import { type NoMatch, unmatchedProblem } from "./match-timestamps.ts";
import { type StartingGroup, uncommittedProblem } from "./starting-group.ts";

export type ChosenStart =
  | { readonly kind: "chosen"; readonly offset: bigint }
  /** Kafka did not say; asking again may help. */
  | { readonly kind: "unknown"; readonly reason: string }
  /** The choice cannot be kept for this partition. */
  | { readonly kind: "refused"; readonly problem: string };

/** What was listed of the partition's log. */
export interface ListedLog {
  readonly partition: PartitionMetadata;
  readonly beginning: ListedOffset | undefined;
  readonly end: ListedOffset | undefined;
}

export function chooseStart(log: ListedLog, choice: OffsetChoice): ChosenStart {
  const { partition } = log;
  const asked = offsetFor(choice, partition);
  if (asked === undefined) {
    return { kind: "refused", problem: `the starting offsets do not name ${formatTopicPartition(partition)}` };
  }
  const beginning = known("beginning", log.beginning);
  const end = known("end", log.end);
  if (asked === "earliest") {
    return beginning;
  }
  if (asked === "latest") {
    return end;
  }
  if (beginning.kind !== "chosen" || end.kind !== "chosen") {
    return beginning.kind === "chosen" ? end : beginning;
  }
  const { topic, partition: number } = partition;
  const bounds = { topic, partition: number, beginningOffset: beginning.offset, endOffset: end.offset };
  const problem = startingProblem(bounds, asked);
  return problem === undefined ? { kind: "chosen", offset: asked } : { kind: "refused", problem: problem.text };
}

/** Where a partition starts by time. */
export interface TimestampStart {
  readonly timestamp: bigint;
  /** Listed after the log's end: what is written in between is then above the start, not lost. */
  readonly match: ListedOffset | undefined;
  readonly onNoMatch: NoMatch;
}

export function chooseStartByTime(log: ListedLog, { timestamp, match, onNoMatch }: TimestampStart): ChosenStart {
  if (match?.kind !== "listed") {
    return { kind: "unknown", reason: `the offset of timestamp ${timestamp} is unknown: ${whyUnlisted(match)}` };
  }
  if (match.offset !== undefined) {
    return { kind: "chosen", offset: match.offset };
  }
  const { topic, partition } = log.partition;
  return onNoMatch === "latest"
    ? known("end", log.end)
    : { kind: "refused", problem: unmatchedProblem("starting timestamps", [{ topic, partition, timestamp }]) };
}

/** At what the group has committed, undefined where that is nothing. */
export function chooseStartByGroup(
  log: ListedLog,
  { groupId, onNoMatch }: StartingGroup,
  committed: bigint | undefined,
): ChosenStart {
  if (committed !== undefined) {
    const start = chooseStart(log, new Map([[formatTopicPartition(log.partition), committed]]));
    return start.kind === "refused"
      ? { kind: "refused", problem: `${start.problem} (consumer group ${groupId} has committed it)` }
      : start;
  }
  return onNoMatch === "error"
    ? { kind: "refused", problem: uncommittedProblem(groupId, [log.partition]) }
    : chooseStart(log, onNoMatch);
}

type Known = Exclude<ChosenStart, { readonly kind: "refused" }>;

function known(what: "beginning" | "end", listed: ListedOffset | undefined): Known {
  if (listed?.kind === "listed" && listed.offset !== undefined) {
    return { kind: "chosen", offset: listed.offset };
  }
  return { kind: "unknown", reason: `the ${what} offset is unknown: ${whyUnlisted(listed)}` };
}

/** Why an offset is not known. */
export function whyUnlisted(listed: ListedOffset | undefined): string {
  if (listed?.kind === "listed") {
    return "the broker listed none";
  }
  return listed?.error.message ?? "no answer for this partition";
}
