// List open transactions
//
// One DescribeProducers request per broker, once: it is asked to name what an error
// or a measure is about, so that a broker which refuses, or does not know the
// request, costs the name and nothing else.

import { BatchProcessorError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type {
  ListedTransactions,
  OpenTransaction,
  PartitionLeader,
  PartitionMetadata,
} from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { formatAddress } from "../connection/broker-address.ts";
import type { ActiveProducer, PartitionProducers } from "../protocol/describe-producers-v0.ts";
import { brokerError } from "../protocol/error-codes.ts";

const TOPIC_AUTHORIZATION_FAILED = 29;

/** In the order of `partitions`. Never rejects for a broker's answer. */
export async function listOpenTransactions(
  cluster: Cluster,
  partitions: readonly PartitionMetadata[],
): Promise<readonly ListedTransactions[]> {
  const byLeader = Map.groupBy(partitions, ({ leader }) => (leader === undefined ? "" : formatAddress(leader)));
  const answers = await Promise.all([...byLeader.values()].map((led) => askLeader(cluster, led[0]?.leader, led)));
  const byName = new Map(answers.flat());
  return partitions.map((partition) => byName.get(formatTopicPartition(partition)) ?? unanswered(partition));
}

async function askLeader(
  cluster: Cluster,
  leader: PartitionLeader | undefined,
  partitions: readonly PartitionMetadata[],
): Promise<[string, ListedTransactions][]> {
  if (leader === undefined) {
    return [];
  }
  try {
    const answer = await cluster.use(leader, (connection) => connection.describeProducers({ partitions }));
    return answer.partitions.map((partition) => [formatTopicPartition(partition), read(partition)]);
  } catch (error) {
    if (!(error instanceof BatchProcessorError)) {
      throw error;
    }
    return partitions.map((partition) => [formatTopicPartition(partition), { kind: "failed", error }]);
  }
}

function read({ topic, errorCode, producers }: PartitionProducers): ListedTransactions {
  const { code, name, reaction } = brokerError(errorCode);
  if (reaction === "none") {
    return { kind: "listed", transactions: producers.flatMap(transactionOf) };
  }
  const remedy = code === TOPIC_AUTHORIZATION_FAILED ? `; allow it READ on topic ${topic}` : "";
  return { kind: "failed", error: new RangeReadError(`the broker answered DescribeProducers by ${name}${remedy}`) };
}

function transactionOf(producer: ActiveProducer): OpenTransaction[] {
  const { producerId, producerEpoch, transactionStartOffset: startOffset, lastTimestamp } = producer;
  if (startOffset < 0n) {
    return [];
  }
  const transaction = { producerId, producerEpoch, startOffset };
  // Producers may write any timestamp; what no date can be is none.
  const last = new Date(Number(lastTimestamp));
  const isKnown = lastTimestamp >= 0n && !Number.isNaN(last.getTime());
  return [isKnown ? { ...transaction, lastTimestamp: last.getTime() } : transaction];
}

function unanswered(partition: PartitionMetadata): ListedTransactions {
  const why = partition.leader === undefined ? "has no leader at present" : "was left unanswered by the broker";
  return { kind: "failed", error: new RangeReadError(`${formatTopicPartition(partition)} ${why}`) };
}
