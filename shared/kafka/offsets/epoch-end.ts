import { BatchProcessorError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type { ListedOffset, PartitionMetadata } from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { refusalError } from "../refusals/connection-errors.ts";

/** Where the epoch ends in the leader's log, exclusive; an undefined offset where the log does not hold it. */
export async function findEpochEnd(
  cluster: Cluster,
  { topic, partition, leader }: PartitionMetadata,
  leaderEpoch: number,
): Promise<ListedOffset> {
  const where = formatTopicPartition({ topic, partition });
  if (leader === undefined) {
    return { kind: "failed", error: new RangeReadError(`${where} has no leader`) };
  }
  const request = { topic, partition, currentLeaderEpoch: leader.leaderEpoch, leaderEpoch };
  try {
    const answer = await cluster.use(leader, (connection) => connection.offsetForLeaderEpoch(request));
    const error = brokerError(answer.errorCode);
    if (error.reaction !== "none") {
      return {
        kind: "failed",
        error: refusalError(error, `asking where leader epoch ${leaderEpoch} of ${where} ends`, {
          operation: "Describe",
          topic,
        }),
      };
    }
    const isHeld = answer.leaderEpoch === leaderEpoch && answer.endOffset >= 0n;
    return { kind: "listed", offset: isHeld ? answer.endOffset : undefined, leaderEpoch: answer.leaderEpoch };
  } catch (error) {
    if (!(error instanceof BatchProcessorError)) {
      throw error;
    }
    return { kind: "failed", error };
  }
}
