// Find starts
//
// Where the chains would begin that do not exist yet, by what the pipeline is told
// and Kafka lists. What becomes of it is freeze-starts.ts.

import { joinProblems, listNames } from "../../../shared/core/bounded-text.ts";
import { choiceProblems, type OffsetChoice, offsetFor } from "../../../shared/core/choice/choose-offsets.ts";
import {
  type ChosenStart,
  chooseStart,
  chooseStartByGroup,
  chooseStartByTime,
} from "../../../shared/core/choice/choose-start.ts";
import { listByTimestamp } from "../../../shared/core/choice/list-by-timestamp.ts";
import { timestampFor } from "../../../shared/core/choice/match-timestamps.ts";
import { namedValue, namesBeyond, namingProblems } from "../../../shared/core/choice/named-partitions.ts";
import { membersProblem, type StartingGroup } from "../../../shared/core/choice/starting-group.ts";
import { ConfigurationError, RangeReadError } from "../../../shared/core/errors.ts";
import type { ObservedPartition } from "../../../shared/core/plan/plan-partition.ts";
import { formatTopicPartition, type TopicPartition } from "../../../shared/core/range/topic-partition.ts";
import type { IsolationLevel, OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { SchedulerRules, StartingTimestamps } from "../deps/scheduler-deps.ts";

type StartRules = Pick<
  SchedulerRules,
  "startingOffsets" | "startingTimestamps" | "startingGroup" | "strategyOffsets" | "isolationLevel"
>;

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

/** What counts of where the pipeline is told to start: a timestamp goes before a group, and that before offsets. */
type ToldStart =
  | { readonly kind: "timestamps"; readonly by: StartingTimestamps }
  | { readonly kind: "group"; readonly by: StartingGroup }
  | { readonly kind: "offsets"; readonly by: OffsetChoice };

function toldStart({ startingTimestamps, startingGroup, startingOffsets }: StartRules): ToldStart {
  if (startingTimestamps !== undefined) {
    return { kind: "timestamps", by: startingTimestamps };
  }
  return startingGroup === undefined ? { kind: "offsets", by: startingOffsets } : { kind: "group", by: startingGroup };
}

async function chooseAsTold(
  source: OffsetSource,
  rules: StartRules,
  observed: readonly ObservedPartition[],
): Promise<ReadonlyMap<ObservedPartition, ChosenStart>> {
  const told = toldStart(rules);
  switch (told.kind) {
    case "offsets":
      return new Map(observed.map((one) => [one, chooseStart(one, told.by)]));
    case "group":
      return chooseByGroup(source, told.by, observed);
    case "timestamps":
      return chooseByTime(source, told.by, { observed, isolationLevel: rules.isolationLevel });
  }
}

async function chooseByTime(
  source: OffsetSource,
  { timestamps, onNoMatch }: StartingTimestamps,
  {
    observed,
    isolationLevel,
  }: { readonly observed: readonly ObservedPartition[]; readonly isolationLevel: IsolationLevel },
): Promise<ReadonlyMap<ObservedPartition, ChosenStart>> {
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

/** The group is asked while a start is sought, and never again. */
async function chooseByGroup(
  source: OffsetSource,
  startingGroup: StartingGroup,
  observed: readonly ObservedPartition[],
): Promise<ReadonlyMap<ObservedPartition, ChosenStart>> {
  if (observed.length === 0) {
    return new Map();
  }
  const ofAll = (start: ChosenStart) => new Map(observed.map((one) => [one, start]));
  const { groupId } = startingGroup;
  const partitions = observed.map(({ partition }) => partition);
  try {
    const { hasMembers, offsets } = await source.groupPosition(groupId, partitions);
    return hasMembers
      ? ofAll({ kind: "refused", problem: membersProblem(groupId) })
      : new Map(
          observed.map((one) => [
            one,
            chooseStartByGroup(one, startingGroup, offsets.get(formatTopicPartition(one.partition))),
          ]),
        );
  } catch (error) {
    if (error instanceof ConfigurationError) {
      return ofAll({ kind: "refused", problem: error.message });
    }
    if (error instanceof RangeReadError) {
      return ofAll({ kind: "unknown", reason: error.message });
    }
    throw error;
  }
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
    // Of a group it is the same for each partition.
    throw new ConfigurationError(`the pipeline was not started: ${joinProblems([...new Set(problems)])}`);
  }
}

function whoIsNamed(rules: StartRules, partitions: readonly TopicPartition[]): readonly string[] {
  const told = toldStart(rules);
  switch (told.kind) {
    case "offsets":
      return choiceProblems("starting offsets", told.by, partitions);
    case "group":
      return [];
    case "timestamps": {
      const { timestamps } = told.by;
      return typeof timestamps === "bigint" ? [] : namingProblems("starting timestamps", timestamps, { partitions });
    }
  }
}

function names(rules: StartRules, partition: TopicPartition): boolean {
  const { strategyOffsets } = rules;
  if (strategyOffsets !== undefined && namedValue(strategyOffsets, partition) !== undefined) {
    return true;
  }
  const told = toldStart(rules);
  switch (told.kind) {
    case "offsets":
      return offsetFor(told.by, partition) !== undefined;
    case "group":
      return true;
    case "timestamps":
      return timestampFor(told.by.timestamps, partition) !== undefined;
  }
}
