// Kafka group offsets
//
// The adapter of core's GroupOffsets. A broker takes an offset from nobody in particular only while
// the group has no members: with some, whoever consumes with the group would read on from ours.

import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import type { GroupOffset, GroupOffsets, RefusedOffset } from "../../core/source/group-offsets.ts";
import { openCluster } from "../cluster/cluster.ts";
import type { KafkaOptions } from "../connection/kafka-options.ts";
import { MAX_OFFSETS_PER_COMMIT } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { offsetCommitV8 } from "../protocol/groups/offset-commit-v8.ts";
import { offsetFetchV7 } from "../protocol/groups/offset-fetch-v7.ts";
import { Coordinator } from "./coordinator.ts";
import { aclRemedy, GROUP_AUTHORIZATION_FAILED, TOPIC_AUTHORIZATION_FAILED } from "./group-errors.ts";

/**
 * Of a group that has members, or is of another kind: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
 * INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS, NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, FENCED_MEMBER_EPOCH,
 * STALE_MEMBER_EPOCH.
 */
const FOREIGN: ReadonlySet<number> = new Set([22, 23, 25, 27, 68, 69, 110, 113]);

/** Of one partition, not of the group: UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID. */
const OF_PARTITION: ReadonlySet<number> = new Set([3, TOPIC_AUTHORIZATION_FAILED, 100]);

/** Connects when it is first asked. Throws ConfigurationError for options that cannot work. */
export function createKafkaGroupOffsets(options: KafkaOptions, groupId: string): GroupOffsets {
  const cluster = openCluster(options);
  const coordinator = new Coordinator(cluster, { keyType: "group", key: groupId });
  return {
    groupId,
    fetch: async (partitions, signal) => {
      const what = `reading the offsets of group ${groupId}`;
      const answer = await told(what, () =>
        coordinator.run({
          what,
          call: offsetFetchV7,
          request: { groupId, partitions, isStable: false },
          codesIn: ({ errorCode, offsets }) => [errorCode, ...ofGroup(offsets)],
          refuse: (code) => refusal(what, groupId, code),
          isRepeatable: true,
          signal,
        }),
      );
      const known = answer.offsets.filter(({ offset, errorCode }) => offset >= 0n && errorCode === 0);
      return new Map(known.map((one) => [formatTopicPartition(one), one.offset]));
    },
    commit: async (offsets, signal) => {
      const refused: RefusedOffset[] = [];
      for (let from = 0; from < offsets.length; from += MAX_OFFSETS_PER_COMMIT) {
        const part = offsets.slice(from, from + MAX_OFFSETS_PER_COMMIT);
        refused.push(...(await commitPart(coordinator, groupId, { part, signal })));
      }
      return refused;
    },
  };
}

async function commitPart(
  coordinator: Coordinator,
  groupId: string,
  { part, signal }: { readonly part: readonly GroupOffset[]; readonly signal: AbortSignal },
): Promise<readonly RefusedOffset[]> {
  const what = `committing offsets to group ${groupId}`;
  const { partitions } = await told(what, () =>
    coordinator.run({
      what,
      call: offsetCommitV8,
      request: { groupId, offsets: part },
      codesIn: ({ partitions: answered }) => ofGroup(answered),
      refuse: (code) => refusal(what, groupId, code),
      // One that comes late tells what was true, until the group is read again.
      isRepeatable: true,
      signal,
    }),
  );
  return partitions
    .filter(({ errorCode }) => errorCode !== 0)
    .map(({ topic, partition, errorCode }) => ({ topic, partition, reason: partitionReason(topic, errorCode) }));
}

function ofGroup(answered: readonly { readonly errorCode: number }[]): readonly number[] {
  return answered.map(({ errorCode }) => errorCode).filter((code) => !OF_PARTITION.has(code));
}

function partitionReason(topic: string, code: number): string {
  const { name } = brokerError(code);
  return code === TOPIC_AUTHORIZATION_FAILED
    ? `${name}: ${aclRemedy({ operation: "Read", resource: "topic", name: topic })}`
    : name;
}

function refusal(what: string, groupId: string, code: number): Error {
  const { name } = brokerError(code);
  if (FOREIGN.has(code)) {
    return new ConfigurationError(
      `${what} was refused (${name}): somebody consumes with group ${groupId}, and would go on from the pipeline's offsets; give the pipeline a commitGroupId that nobody consumes with, or end that consumer`,
    );
  }
  if (code === GROUP_AUTHORIZATION_FAILED) {
    const acl = { operation: "Read", resource: "group", name: groupId } as const;
    return new ConfigurationError(`${what} was refused (${name}); ${aclRemedy(acl)}`);
  }
  return new RangeReadError(`${what} was refused: ${name} (${code})`);
}

async function told<Answer>(what: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof RangeReadError
      ? new RangeReadError(`${what} failed: ${error.message}`, { cause: error })
      : error;
  }
}
