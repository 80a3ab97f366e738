// List partition offsets
//
// One ListOffsets request per broker and try; what fails for a reason that passes
// is asked for again, at the leader that the metadata names then. A partition that
// fails for good is a value: it does not take the others down.

import { BatchProcessorError, ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type {
  IsolationLevel,
  ListedOffset,
  OffsetSpec,
  PartitionLeader,
  PartitionMetadata,
} from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { formatAddress } from "../connection/broker-address.ts";
import { MAX_LOOKUP_TRIES, PROGRESS_TIMEOUT_MS } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, type OffsetAnswer } from "../protocol/list-offsets-v7.ts";
import { ProgressClock } from "../read/progress-clock.ts";
import { refusalError } from "../refusals/connection-errors.ts";
import type { Principal } from "../refusals/refusal-remedies.ts";

export interface OffsetQuestion {
  readonly spec: OffsetSpec;
  readonly isolationLevel: IsolationLevel;
}

/** `isFinal` tells a failure that another try may cure from one that none will. */
type Outcome = { readonly listed: ListedOffset; readonly isFinal: boolean };

/** In the order of `partitions`. Never rejects for a broker's answer. */
export async function listPartitionOffsets(
  cluster: Cluster,
  partitions: readonly PartitionMetadata[],
  question: OffsetQuestion,
): Promise<readonly ListedOffset[]> {
  const outcomes = new Map<string, Outcome>();
  const clock = new ProgressClock("listing offsets", PROGRESS_TIMEOUT_MS, cluster.throttle);
  let open = partitions;
  for (let tries = 1; open.length > 0; tries++) {
    for (const [name, outcome] of await askLeaders(cluster, open, question)) {
      outcomes.set(name, outcome);
    }
    open = open.filter((partition) => outcomes.get(formatTopicPartition(partition))?.isFinal !== true);
    if (tries === MAX_LOOKUP_TRIES || open.length === 0) {
      break;
    }
    await clock.pause({ why: `${open.length} partitions are unanswered` });
    open = await withPresentLeaders(cluster, open);
  }
  return partitions.map((partition) => outcomes.get(formatTopicPartition(partition))?.listed ?? unanswered(partition));
}

async function askLeaders(
  cluster: Cluster,
  partitions: readonly PartitionMetadata[],
  question: OffsetQuestion,
): Promise<[string, Outcome][]> {
  const byLeader = Map.groupBy(partitions, ({ leader }) => (leader === undefined ? "" : formatAddress(leader)));
  const answers = await Promise.all(
    [...byLeader.values()].map(async (led): Promise<[string, Outcome][]> => {
      const leader = led[0]?.leader;
      return leader === undefined ? led.map(leaderless) : askLeader(cluster, leader, led, question);
    }),
  );
  return answers.flat();
}

async function askLeader(
  cluster: Cluster,
  leader: PartitionLeader,
  partitions: readonly PartitionMetadata[],
  { spec, isolationLevel }: OffsetQuestion,
): Promise<[string, Outcome][]> {
  const queries = partitions.map(({ topic, partition, leader: own }) => ({
    topic,
    partition,
    leaderEpoch: own?.leaderEpoch ?? -1,
    timestamp: timestampOf(spec),
  }));
  try {
    const { answers, principal } = await cluster.use(leader, async (connection) => ({
      ...(await connection.listOffsets({ isolationLevel, queries })),
      principal: connection.principal,
    }));
    const byName = new Map(answers.map((answer) => [formatTopicPartition(answer), answer]));
    return partitions.map((partition) => {
      const name = formatTopicPartition(partition);
      return [name, read(partition, byName.get(name), principal)];
    });
  } catch (error) {
    if (!(error instanceof BatchProcessorError)) {
      throw error;
    }
    return partitions.map((partition) => [formatTopicPartition(partition), failed(withPartition(partition, error))]);
  }
}

function read(
  partition: PartitionMetadata,
  answer: OffsetAnswer | undefined,
  principal: Principal | undefined,
): Outcome {
  const name = formatTopicPartition(partition);
  if (answer === undefined) {
    return failed(new RangeReadError(`the broker left ${name} unanswered`));
  }
  const error = brokerError(answer.errorCode);
  if (error.reaction !== "none") {
    const acl = { operation: "Describe", topic: partition.topic, principal } as const;
    return failed(refusalError(error, `listing the offset of ${name}`, acl));
  }
  const { offset, leaderEpoch } = answer;
  const epoch = leaderEpoch < 0 ? {} : { leaderEpoch };
  return { listed: { kind: "listed", offset: offset < 0n ? undefined : offset, ...epoch }, isFinal: true };
}

/** A broker's trouble as that of one partition which it leads. */
function withPartition(partition: PartitionMetadata, error: BatchProcessorError): Error {
  const message = `the leader of ${formatTopicPartition(partition)} cannot be asked: ${error.message}`;
  if (error instanceof RangeReadError) {
    return new RangeReadError(message, { cause: error });
  }
  return error instanceof ConfigurationError ? new ConfigurationError(message, { cause: error }) : error;
}

function failed(error: Error): Outcome {
  return { listed: { kind: "failed", error }, isFinal: !(error instanceof RangeReadError) };
}

function leaderless(partition: PartitionMetadata): [string, Outcome] {
  const name = formatTopicPartition(partition);
  return [name, failed(new RangeReadError(`${name} has no leader at present`))];
}

function unanswered(partition: PartitionMetadata): ListedOffset {
  return { kind: "failed", error: new RangeReadError(`the broker left ${formatTopicPartition(partition)} unanswered`) };
}

/** The same partitions with the leaders of now; unchanged while no broker answers. */
async function withPresentLeaders(
  cluster: Cluster,
  partitions: readonly PartitionMetadata[],
): Promise<readonly PartitionMetadata[]> {
  try {
    const { topics, brokers } = await cluster.metadata([...new Set(partitions.map(({ topic }) => topic))]);
    return partitions.map(({ topic, topicId, partition }) => {
      const found = topics
        .find((candidate) => candidate.topicId === topicId)
        ?.partitions.find((candidate) => candidate.partition === partition);
      const broker = brokers.find(({ nodeId }) => nodeId === found?.leaderId);
      const leader =
        found === undefined || broker === undefined ? {} : { leader: { ...broker, leaderEpoch: found.leaderEpoch } };
      return { topic, topicId, partition, ...leader };
    });
  } catch (error) {
    if (error instanceof RangeReadError) {
      return partitions;
    }
    throw error;
  }
}

function timestampOf(spec: OffsetSpec): bigint {
  switch (spec) {
    case "earliest":
      return EARLIEST_TIMESTAMP;
    case "latest":
      return LATEST_TIMESTAMP;
    default:
      return spec.timestamp;
  }
}
