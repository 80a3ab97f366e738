import { RangeReadError } from "../../../shared/core/errors.ts";
import { compileTopicPattern } from "../../../shared/core/pattern/topic-pattern.ts";
import {
  compareTopicPartitions,
  formatTopicPartition,
  type TopicPartition,
} from "../../../shared/core/range/topic-partition.ts";
import type {
  GroupPosition,
  IsolationLevel,
  ListedOffset,
  OffsetSource,
  OffsetSpec,
  PartitionMetadata,
  SourceMetadata,
  SourceSelection,
} from "../../../shared/core/source/offset-source.ts";
import { endOffsetOf, type FakeKafkaLog, openTransactionsOf } from "./fake-kafka-log.ts";

export interface FakeOffsetSource extends OffsetSource {
  /** From now on open transactions are not named, for this reason. */
  refuseTransactions(error: Error): void;
  /** Which partitions' transactions were asked for, by question. */
  readonly transactionQuestions: readonly (readonly string[])[];
  /** From now on no broker answers, or every one does again. */
  setReachable(isReachable: boolean): void;
  /** Listing offsets of this partition fails with the error until it is undefined. */
  failListing(partition: TopicPartition, error: Error | undefined): void;
  /** The next listings of this partition's end are answered so, as by a broker that has stopped leading. */
  answerEnd(partition: TopicPartition, ...stale: readonly bigint[]): void;
  /** From now on the group has these offsets and members. */
  setGroup(groupId: string, position: GroupPosition): void;
  /** From now on no coordinator answers, or every one does again. */
  failGroups(areFailing: boolean): void;
  /** The groups that were asked for. */
  readonly groupQuestions: readonly string[];
  /** What was asked for, without the partitions that nothing was asked of. */
  readonly listings: readonly { readonly spec: OffsetSpec; readonly partitions: readonly string[] }[];
}

export function createFakeOffsetSource(log: FakeKafkaLog): FakeOffsetSource {
  const failures = new Map<string, Error>();
  const staleEnds = new Map<string, bigint[]>();
  const listings: { spec: OffsetSpec; partitions: readonly string[] }[] = [];
  const transactionQuestions: (readonly string[])[] = [];
  const groups = new Map<string, GroupPosition>();
  const groupQuestions: string[] = [];
  let areGroupsFailing = false;
  let refusal: Error | undefined;
  let isReachable = true;

  const checkReachable = () => {
    if (!isReachable) {
      throw new RangeReadError("no broker answers");
    }
  };

  return {
    listings,
    transactionQuestions,
    throttleTimeMs: 0,
    setReachable: (isReachableNow) => {
      isReachable = isReachableNow;
    },
    failListing: (partition, error) => {
      const name = formatTopicPartition(partition);
      void (error === undefined ? failures.delete(name) : failures.set(name, error));
    },
    answerEnd: (partition, ...stale) => void staleEnds.set(formatTopicPartition(partition), [...stale]),
    describe: async (selection) => {
      checkReachable();
      return select(log, selection);
    },
    listOffsets: async (partitions, spec, isolationLevel) => {
      checkReachable();
      if (partitions.length > 0) {
        listings.push({ spec, partitions: partitions.map(formatTopicPartition) });
      }
      return partitions.map((partition) => {
        const error = failures.get(formatTopicPartition(partition));
        const stale = spec === "latest" ? staleEnds.get(formatTopicPartition(partition))?.shift() : undefined;
        if (stale !== undefined) {
          return { kind: "listed", offset: stale };
        }
        return error === undefined ? list(log, partition, { spec, isolationLevel }) : { kind: "failed", error };
      });
    },
    endOfEpoch: async (partition, leaderEpoch) => {
      checkReachable();
      const found = log.partition(partition);
      const isHeld = found?.leader !== undefined && leaderEpoch <= found.leader.leaderEpoch;
      return { kind: "listed", offset: isHeld ? BigInt(found.stored.length) : undefined };
    },
    openTransactions: async (partitions) => {
      checkReachable();
      transactionQuestions.push(partitions.map(formatTopicPartition));
      return partitions.map((partition) => {
        const found = log.partition(partition);
        return refusal === undefined
          ? { kind: "listed", transactions: found === undefined ? [] : openTransactionsOf(found) }
          : { kind: "failed", error: refusal };
      });
    },
    refuseTransactions: (error) => {
      refusal = error;
    },
    groupPosition: async (groupId, partitions) => {
      if (areGroupsFailing) {
        throw new RangeReadError("no coordinator answers");
      }
      const group = groups.get(groupId);
      const known = partitions.map(formatTopicPartition).flatMap((name) => {
        const offset = group?.offsets.get(name);
        return offset === undefined ? [] : [[name, offset] as const];
      });
      groupQuestions.push(groupId);
      return { hasMembers: group?.hasMembers ?? false, offsets: new Map(known) };
    },
    failGroups: (areFailing) => {
      areGroupsFailing = areFailing;
    },
    setGroup: (groupId, position) => void groups.set(groupId, position),
    groupQuestions,
    close: async () => {},
  };
}

function select(log: FakeKafkaLog, selection: SourceSelection): SourceMetadata {
  if ("assign" in selection) {
    const described = selection.assign.map((one) => ({ one, found: describePartition(log, one) }));
    return {
      partitions: described.flatMap(({ found }) => found ?? []).toSorted(compareTopicPartitions),
      missing: described.flatMap(({ one, found }) => (found === undefined ? [formatTopicPartition(one)] : [])),
    };
  }
  const named =
    "topics" in selection ? selection.topics : log.topics().filter(compileTopicPattern(selection.topicPattern));
  return {
    partitions: named.toSorted().flatMap((topic) => describeTopic(log, topic)),
    missing: named.filter((topic) => log.partitionCount(topic) === 0),
  };
}

function describeTopic(log: FakeKafkaLog, topic: string): readonly PartitionMetadata[] {
  const numbers = Array.from({ length: log.partitionCount(topic) }, (_, partition) => partition);
  return numbers.flatMap((partition) => describePartition(log, { topic, partition }) ?? []);
}

function describePartition(log: FakeKafkaLog, of: TopicPartition): PartitionMetadata | undefined {
  const found = log.partition(of);
  if (found === undefined) {
    return undefined;
  }
  const { topicId, leader } = found;
  const described = { topic: of.topic, partition: of.partition, topicId };
  return leader === undefined ? described : { ...described, leader };
}

/** By name, as Kafka does: of a topic that took another's place it answers for the other. */
function list(
  log: FakeKafkaLog,
  of: PartitionMetadata,
  { spec, isolationLevel }: { readonly spec: OffsetSpec; readonly isolationLevel: IsolationLevel },
): ListedOffset {
  const found = log.partition(of);
  if (found?.leader === undefined) {
    return { kind: "failed", error: new RangeReadError(`${formatTopicPartition(of)} has no leader`) };
  }
  const { leaderEpoch } = found.leader;
  if (spec === "earliest") {
    return { kind: "listed", offset: found.beginningOffset, leaderEpoch };
  }
  if (spec === "latest") {
    return { kind: "listed", offset: endOffsetOf(found, isolationLevel), leaderEpoch };
  }
  const first = found.stored.find(
    ({ offset, kind, timestamp }) =>
      kind === "record" && offset >= found.beginningOffset && timestamp >= spec.timestamp,
  );
  return { kind: "listed", offset: first?.offset, leaderEpoch };
}
