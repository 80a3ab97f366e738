// Match timestamps
//
// Turns "from this time on" into offsets, once: what was matched is a number from
// then on, whatever is written later.

import { joinProblems, listNames } from "../bounded-text.ts";
import { ConfigurationError } from "../errors.ts";
import { formatTopicPartition, type TopicPartition } from "../range/topic-partition.ts";
import { LATEST } from "./choose-offsets.ts";
import { namingProblems } from "./named-partitions.ts";

/** Milliseconds since the epoch: one for all partitions, or by partition as `formatTopicPartition` spells it. */
export type TimestampChoice = bigint | ReadonlyMap<string, bigint>;

export interface TimestampMatch extends TopicPartition {
  readonly timestamp: bigint;
  /** The first offset whose record is not older; undefined when there is none. */
  readonly offset: bigint | undefined;
}

/** What a timestamp without a match becomes. */
export type NoMatch = "error" | "latest";

/** The timestamp of each partition. Throws ConfigurationError unless the choice names them all and no other. */
export function timestampsOf<Partition extends TopicPartition>(
  what: string,
  choice: TimestampChoice,
  partitions: readonly Partition[],
): readonly (Partition & { readonly timestamp: bigint })[] {
  if (typeof choice === "bigint") {
    return partitions.map((partition) => ({ ...partition, timestamp: choice }));
  }
  const problems = namingProblems(what, choice, { partitions });
  if (problems.length > 0) {
    throw new ConfigurationError(joinProblems(problems));
  }
  return partitions.map((partition) => ({ ...partition, timestamp: timestampFor(choice, partition) ?? 0n }));
}

/** What the choice says of the partition; undefined where it does not name it. */
export function timestampFor(choice: TimestampChoice, partition: TopicPartition): bigint | undefined {
  return typeof choice === "bigint" ? choice : choice.get(formatTopicPartition(partition));
}

/** A choice of offsets by partition. Throws ConfigurationError that names every timestamp without a match. */
export function matchTimestamps(
  what: string,
  matches: readonly TimestampMatch[],
  onNoMatch: NoMatch,
): ReadonlyMap<string, bigint> {
  const unmatched = matches.filter(({ offset }) => offset === undefined);
  if (onNoMatch === "error" && unmatched.length > 0) {
    throw new ConfigurationError(unmatchedProblem(what, unmatched));
  }
  return new Map(matches.map((match) => [formatTopicPartition(match), match.offset ?? LATEST]));
}

/** What is wrong with timestamps that no record matches. */
export function unmatchedProblem(
  what: string,
  unmatched: readonly (TopicPartition & { readonly timestamp: bigint })[],
): string {
  const names = unmatched.map((match) => `${formatTopicPartition(match)} (${match.timestamp})`);
  return `no offset matched the ${what} of ${listNames(names)}: no record is so late; choose an earlier time, or say latest by onNoMatch (--on-no-match)`;
}
