// Group refusal
//
// What a coordinator's error codes come to where a group's offsets are read or told.

import { ConfigurationError, RangeReadError } from "../../core/errors.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { aclRemedy, GROUP_AUTHORIZATION_FAILED, type MissingAcl, TOPIC_AUTHORIZATION_FAILED } from "./group-errors.ts";

/**
 * Of a group that has members, or is of another kind: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION,
 * INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS, NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND, FENCED_MEMBER_EPOCH,
 * STALE_MEMBER_EPOCH.
 */
const FOREIGN: ReadonlySet<number> = new Set([22, 23, 25, 27, 68, 69, 110, 113]);

/** Of one partition, not of the group: UNKNOWN_TOPIC_OR_PARTITION, TOPIC_AUTHORIZATION_FAILED, UNKNOWN_TOPIC_ID. */
const OF_PARTITION: ReadonlySet<number> = new Set([3, TOPIC_AUTHORIZATION_FAILED, 100]);

/** What is done with the group, and which permission it takes. */
export interface GroupUse {
  /** As the beginning of a sentence. */
  readonly what: string;
  readonly groupId: string;
  readonly operation: Extract<MissingAcl["operation"], "Describe" | "Read">;
}

/** The codes that are the group's. */
export function ofGroup(answered: readonly { readonly errorCode: number }[]): readonly number[] {
  return answered.map(({ errorCode }) => errorCode).filter((code) => !OF_PARTITION.has(code));
}

/** The code of one partition, with what has to be allowed where that is missing. */
export function partitionReason(topic: string, operation: GroupUse["operation"], code: number): string {
  const { name } = brokerError(code);
  return code === TOPIC_AUTHORIZATION_FAILED
    ? `${name}: ${aclRemedy({ operation, resource: "topic", name: topic })}`
    : name;
}

export function groupRefusal({ what, groupId, operation }: GroupUse, code: number): Error {
  const { name } = brokerError(code);
  if (FOREIGN.has(code)) {
    return new ConfigurationError(
      `${what} was refused (${name}): somebody consumes with group ${groupId}, and would go on from the pipeline's offsets; give the pipeline a commitGroupId that nobody consumes with, or end that consumer`,
    );
  }
  if (code === GROUP_AUTHORIZATION_FAILED) {
    return new ConfigurationError(
      `${what} was refused (${name}); ${aclRemedy({ operation, resource: "group", name: groupId })}`,
    );
  }
  return new RangeReadError(`${what} was refused: ${name} (${code})`);
}

/** An outage, told as one of what was done. */
export async function toldOf<Answer>({ what }: GroupUse, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof RangeReadError
      ? new RangeReadError(`${what} failed: ${error.message}`, { cause: error })
      : error;
  }
}
