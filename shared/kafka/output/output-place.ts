// Output place
//
// Where the position of a chain is kept, and what its producer is called: the same for every attempt,
// and another one for everything that has a position of its own.

import type { OutputRange } from "../../core/output/range-output.ts";
import type { TopicPartition } from "../../core/range/topic-partition.ts";
import type { MissingAcl } from "../groups/group-errors.ts";

/** What all names begin with; with the pipeline's name behind it, the names are nobody else's. */
const RESERVED = "kafka-offset-ranges";

export interface OutputPlace {
  readonly transactionalId: string;
  readonly groupId: string;
  /** The partition that the group's offset is one of. */
  readonly partition: TopicPartition;
  /** Whether the group is of this position alone: it is the furthest offset that the group has, of whichever partition. */
  readonly ownsGroup: boolean;
  /** What the names above begin with, for ACLs. */
  readonly prefix: string;
}

/** Whose position it is. */
export type PlacedRange = Pick<
  OutputRange,
  "pipeline" | "topicId" | "topic" | "partition" | "requestId" | "plannedAt" | "rangeFrom" | "isSequential"
>;

/** `elsewhere` is a topic of the cluster where the source's topic is not. */
export function placeOf(range: PlacedRange, elsewhere: string | undefined): OutputPlace {
  const { pipeline, topicId, topic, partition, requestId, plannedAt, rangeFrom, isSequential } = range;
  // A request's id may come again, once the ledger has forgotten it.
  const own = [
    ...(requestId === undefined ? [] : [requestId, String(plannedAt)]),
    ...(isSequential ? [] : [String(rangeFrom)]),
  ];
  const prefix = `${RESERVED}.${pipeline}.`;
  const transactionalId = [`${prefix}${topicId}`, partition, ...own].join(".");
  return elsewhere === undefined
    ? {
        transactionalId,
        // One for all partitions: an offset is of a partition by itself.
        groupId: [`${prefix}${topicId}`, ...own].join("."),
        partition: { topic, partition },
        ownsGroup: false,
        prefix,
      }
    : {
        ...{ transactionalId, groupId: transactionalId, partition: { topic: elsewhere, partition: 0 } },
        // Where another topic was named before, the position is still beside that one.
        ...{ ownsGroup: true, prefix },
      };
}

/** The ACL that is missing, by the error code. */
export function aclOf({ prefix, partition }: OutputPlace, code: number): MissingAcl | undefined {
  switch (code) {
    case 29: // TOPIC_AUTHORIZATION_FAILED
      return { operation: "Read", resource: "topic", name: partition.topic };
    case 30: // GROUP_AUTHORIZATION_FAILED
      return { operation: "Read", resource: "group", name: prefix, isPrefix: true };
    case 53: // TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      return { operation: "Write", resource: "transactional-id", name: prefix, isPrefix: true };
    default:
      return undefined;
  }
}
