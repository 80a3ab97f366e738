// Find starts
//
// Where the chains would begin that do not exist yet, by what the pipeline is told
// and Kafka lists. What becomes of it is freeze-starts.ts.

import { joinProblems, listNames } from "../../../shared/core/bounded-text.ts";
import { choiceProblems, offsetFor } from "../../../shared/core/choice/choose-offsets.ts";
import { type ChosenStart, chooseStart, chooseStartByTime } from "../../../shared/core/choice/choose-start.ts";
import { listByTimestamp } from "../../../shared/core/choice/list-by-timestamp.ts";
import { timestampFor } from "../../../shared/core/choice/match-timestamps.ts";
import { namedValue, namesBeyond, namingProblems } from "../../../shared/core/choice/named-partitions.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerRules } from "../deps/scheduler-deps.ts";

type StartRules = Pick<SchedulerRules, "startingOffsets" | "startingTimestamps" | "strategyOffsets" | "isolationLevel">;

/** Where each partition starts as one of those that the pipeline starts with. */
export async function findStarts(
  source: OffsetSource,
  rules: StartRules,
  observed: readonly ObservedPartition[],
): Promise<ReadonlyMap<ObservedPartition, ChosenStart>> {
  const given = new Map(observed.map((one) => [one, chooseByStrategy(rules, one)]));
  const told = await chooseAsTold(
    source,
    rules,
    observed.filter((one) => given.get(one) === undefined),
  );
  return new Map(observed.flatMap((one) => entryOf(one, given.get(one) ?? told.get(one))));
}

/** Where a partition starts that is found later: at its log's beginning, unless the strategy says otherwise. */
export function findLaterStart(rules: StartRules, one: ObservedPartition): ChosenStart {
  return chooseByStrategy(rules, one) ?? chooseStart(one, "earliest");
}

function chooseByStrategy({ strategyOffsets }: StartRules, one: ObservedPartition): ChosenStart | undefined {
  return strategyOffsets === undefined || namedValue(strategyOffsets, one.partition) === undefined
    ? undefined
    : chooseStart(one, strategyOffsets);
}

function entryOf<Key, Value>(key: Key, value: Value | undefined): readonly [Key, Value][] {
  return value === undefined ? [] : [[key, value]];
}

async function chooseAsTold(
  source: OffsetSource,
  { startingOffsets, startingTimestamps, isolationLevel }: StartRules,
  observed: readonly ObservedPartition[],
): Promise<ReadonlyMap<ObservedPartition, ChosenStart>> {
  if (startingTimestamps === undefined) {
    return new Map(observed.map((one) => [one, chooseStart(one, startingOffsets)]));
  }
  const { timestamps, onNoMatch } = startingTimestamps;
  const asked = observed.map(({ partition }) => ({ ...partition, timestamp: timestampFor(timestamps, partition) }));
  const matches = await listByTimestamp(source, asked.filter(isNamed), isolationLevel);
  return new Map(
    observed.map((one, index) => {
      const partition = asked[index];
      return [
        one,
        partition === undefined || !isNamed(partition)
          ? unnamed(one.partition)
          : chooseStartByTime(one, { timestamp: partition.timestamp, match: matches.get(partition), onNoMatch }),
      ];
    }),
  );
}

function unnamed(partition: TopicPartition): ChosenStart {
  return { kind: "refused", problem: `the starting timestamps do not name ${formatTopicPartition(partition)}` };
}

function isNamed<Partition extends { readonly timestamp: bigint | undefined }>(
  partition: Partition,
): partition is Partition & { readonly timestamp: bigint } {
  return partition.timestamp !== undefined;
}

/** Throws ConfigurationError when the strategy gives offsets of partitions that it did not select, or that do not exist. */
export function requireSelected({ strategyOffsets }: StartRules, partitions: readonly TopicPartition[]): void {
  const others = namesBeyond(strategyOffsets ?? new Map(), partitions);
  if (others.length > 0) {
    throw new ConfigurationError(
      `the strategy's startingOffsets name ${listNames(others)}, which its selection does not have`,
    );
  }
}

/** Throws ConfigurationError with every reason why the pipeline cannot start on the partitions as it is told to. */
export function requireStarts(
  rules: StartRules,
  partitions: readonly TopicPartition[],
  chosen: ReadonlyMap<ObservedPartition, ChosenStart>,
): void {
  const problems = [
    ...whoIsNamed(rules, partitions),
    ...[...chosen].flatMap(([{ partition }, start]) =>
      start.kind === "refused" && names(rules, partition) ? [start.problem] : [],
    ),
  ];
  if (problems.length > 0) {
    throw new ConfigurationError(`the pipeline was not started: ${joinProblems(problems)}`);
  }
}

function whoIsNamed(
  { startingOffsets, startingTimestamps }: StartRules,
  partitions: readonly TopicPartition[],
): readonly string[] {
  if (startingTimestamps === undefined) {
    return choiceProblems("starting offsets", startingOffsets, partitions);
  }
  const { timestamps } = startingTimestamps;
  return typeof timestamps === "bigint" ? [] : namingProblems("starting timestamps", timestamps, { partitions });
}

function names(
  { startingOffsets, startingTimestamps, strategyOffsets }: StartRules,
  partition: TopicPartition,
): boolean {
  const chosen = strategyOffsets === undefined ? undefined : namedValue(strategyOffsets, partition);
  const told =
    startingTimestamps === undefined
      ? offsetFor(startingOffsets, partition)
      : timestampFor(startingTimestamps.timestamps, partition);
  return (chosen ?? told) !== undefined;
}
