import { ConfigurationError, OutputUnavailableError, ProtocolError, RangeReadError } from "../../core/errors.ts";
import { aclRemedy, TOPIC_AUTHORIZATION_FAILED } from "../groups/group-errors.ts";
import { brokerError } from "../protocol/error-codes.ts";
import type { PartitionErrors } from "../protocol/groups/no-member.ts";
import { aclOf, type OutputPlace } from "./output-place.ts";

/** Another attempt has begun since, or the broker has ended the transaction: its time was up. */
export class FencedError extends OutputUnavailableError {}

/** INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_ID_MAPPING, TRANSACTION_COORDINATOR_FENCED, PRODUCER_FENCED. */
export const FENCED: ReadonlySet<number> = new Set([47, 49, 52, 90]);

/** What somebody has to change, by the code, as the end of a sentence. */
const REMEDIES: Readonly<Record<number, string>> = {
  12: "raise the brokers' offset.metadata.max.bytes to Kafka's default of 4096",
  50: "give kafkaOutput a transactionTimeoutMs of at most the brokers' transaction.max.timeout.ms",
  76: "give kafkaOutput another compression: the topic's brokers do not take this one",
};

/** The error to throw for a code that no repetition cures. */
export function transactionError(what: string, place: OutputPlace, code: number): Error {
  const { name, reaction } = brokerError(code);
  const refused = `${what} was refused: ${name} (${code})`;
  if (FENCED.has(code)) {
    return new FencedError(
      `${refused}: another attempt has begun since, or the broker has ended the transaction; the next attempt finds out where it stands`,
    );
  }
  const acl = aclOf(place, code);
  const remedy = acl === undefined ? REMEDIES[code] : aclRemedy(acl);
  if (remedy !== undefined || reaction === "refused") {
    return new ConfigurationError(`${refused}; ${remedy ?? "check the permissions and the brokers' configuration"}`);
  }
  return new OutputUnavailableError(refused);
}

/** Of partitions that one refusal keeps out of a transaction together. */
const OPERATION_NOT_ATTEMPTED = 55;

/** With the reason for the refusal in front of what it has kept from being tried. */
export function partitionCodes({ partitions }: PartitionErrors): readonly number[] {
  const codes = partitions.map(({ errorCode }) => errorCode);
  const isReason = (code: number) => code !== OPERATION_NOT_ATTEMPTED;
  return [...codes.filter(isReason), ...codes.filter((code) => !isReason(code))];
}

/** The first topic that may not be written to. */
export function unwritableTopic({ partitions }: PartitionErrors): string | undefined {
  return partitions.find(({ errorCode }) => errorCode === TOPIC_AUTHORIZATION_FAILED)?.topic;
}

export function unwritableError(topic: string): ConfigurationError {
  const acl = { operation: "Write", resource: "topic", name: topic } as const;
  return new ConfigurationError(`topic ${topic} may not be written to; ${aclRemedy(acl)}`);
}

/** What the way to a broker throws, as the trouble of a store; what is about the records, or a reason to stop, stays. */
export function asOutputError(error: unknown): unknown {
  return error instanceof RangeReadError || error instanceof ProtocolError
    ? new OutputUnavailableError(`Kafka is out of reach for outputs: ${error.message}`, { cause: error })
    : error;
}
