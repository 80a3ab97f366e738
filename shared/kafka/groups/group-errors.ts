// Group errors
//
// What the error codes mean that coordinators answer with, and partition leaders to what is
// produced: whether the same request may be sent again, and what has to be allowed.

/**
 *   again   the same broker may take it later: it has not, or may take it twice
 *   moved   another broker answers for it by now
 *   final   no repetition helps
 */
export type GroupReaction = "none" | "again" | "moved" | "final";

const REACTIONS: Readonly<Record<number, GroupReaction>> = {
  0: "none",
  3: "again", // UNKNOWN_TOPIC_OR_PARTITION: brokers learn of topics one by one.
  7: "again", // REQUEST_TIMED_OUT
  14: "again", // COORDINATOR_LOAD_IN_PROGRESS
  15: "moved", // COORDINATOR_NOT_AVAILABLE
  16: "moved", // NOT_COORDINATOR
  51: "again", // CONCURRENT_TRANSACTIONS: the end of the one before is being written.
  88: "again", // UNSTABLE_OFFSET_COMMIT: the same, seen by the group.
};

export function reactionTo(code: number): GroupReaction {
  return REACTIONS[code] ?? "final";
}

export const TOPIC_AUTHORIZATION_FAILED = 29;
export const GROUP_AUTHORIZATION_FAILED = 30;

/** What has to be allowed, and what Kafka's own tool is told for it. */
export interface MissingAcl {
  readonly operation: "Read" | "Write" | "Describe";
  readonly resource: "group" | "topic" | "transactional-id";
  readonly name: string;
  /** Whether `name` is what the names begin with. */
  readonly isPrefix?: true;
}

/** What to do, as the end of a sentence. */
export function aclRemedy({ operation, resource, name, isPrefix }: MissingAcl): string {
  const pattern = isPrefix === true ? " --resource-pattern-type prefixed" : "";
  return `allow it: kafka-acls.sh --add --allow-principal <the function's> --operation ${operation} --${resource} ${name}${pattern} (with MSK's IAM: ${IAM_ACTIONS[resource]} in its policy)`;
}

const IAM_ACTIONS: Readonly<Record<MissingAcl["resource"], string>> = {
  group: "kafka-cluster:AlterGroup and DescribeGroup",
  topic: "kafka-cluster:WriteData and DescribeTopic",
  "transactional-id": "kafka-cluster:AlterTransactionalId and DescribeTransactionalId",
};
