// Write faults
//
// What a partition's leader says of a batch: written, for another try, too large as a whole, or
// refused, with the record that it is refused for where the broker tells it.

import { ConfigurationError, InvalidOutputError, OutputUnavailableError } from "../../core/errors.ts";
import { aclRemedy, TOPIC_AUTHORIZATION_FAILED } from "../groups/group-errors.ts";
import { brokerError } from "../protocol/error-codes.ts";
import type { ProducedPartition } from "../protocol/produce-v9.ts";
import type { BufferSlice, RecordBuffer } from "./record-buffer.ts";
import { FENCED, FencedError } from "./transaction-errors.ts";

export type WriteFault =
  | { readonly kind: "none" | "halve" }
  | { readonly kind: "again"; readonly why: string }
  | { readonly kind: "final"; readonly error: Error };

export interface WrittenBatch {
  /** The partition's, for messages. */
  readonly name: string;
  readonly topic: string;
  readonly records: RecordBuffer;
  readonly slice: BufferSlice;
}

const DUPLICATE_SEQUENCE_NUMBER = 46;

/** MESSAGE_TOO_LARGE and RECORD_LIST_TOO_LARGE. */
const TOO_LARGE: ReadonlySet<number> = new Set([10, 18]);

/** INVALID_TIMESTAMP and INVALID_RECORD: what a topic's settings ask of its records. */
const REFUSED_RECORDS: ReadonlySet<number> = new Set([32, 87]);

/** What passes: leaders that move, replicas that are behind, transactions that are not known yet. */
const PASSING: ReadonlySet<number> = new Set([
  2, 3, 5, 6, 7, 8, 9, 13, 14, 15, 16, 19, 20, 51, 56, 60, 74, 75, 89, 100,
]);

export function writeFault(
  { errorCode, recordErrors, errorMessage }: ProducedPartition,
  batch: WrittenBatch,
): WriteFault {
  const { name, reaction } = brokerError(errorCode);
  if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) {
    return { kind: "none" };
  }
  if (PASSING.has(errorCode)) {
    return { kind: "again", why: name };
  }
  const { records, slice, topic } = batch;
  const refused = `${batch.name} took no outputs: ${name} (${errorCode})`;
  if (TOO_LARGE.has(errorCode)) {
    if (slice.until - slice.from > 1) {
      return { kind: "halve" };
    }
    const remedy = `raise max.message.bytes of topic ${topic}, or write less`;
    return { kind: "final", error: invalid(`${refused}; ${remedy}`, records.indexAt(slice.from)) };
  }
  if (REFUSED_RECORDS.has(errorCode)) {
    const [first] = recordErrors;
    const words = first?.message ?? errorMessage;
    const remedy = `the settings of topic ${topic} (message.timestamp.*, cleanup.policy) refuse such records`;
    const only = slice.until - slice.from === 1 ? 0 : undefined;
    const at = first?.index ?? only;
    const index = at === undefined ? undefined : records.indexAt(slice.from + at);
    return { kind: "final", error: invalid(`${refused}${words === null ? "" : `: ${words}`}; ${remedy}`, index) };
  }
  if (errorCode === TOPIC_AUTHORIZATION_FAILED) {
    const acl = { operation: "Write", resource: "topic", name: topic } as const;
    return { kind: "final", error: new ConfigurationError(`${refused}; ${aclRemedy(acl)}`) };
  }
  if (FENCED.has(errorCode)) {
    return { kind: "final", error: new FencedError(refused) };
  }
  const isRefused = reaction === "refused";
  return {
    kind: "final",
    error: isRefused
      ? new ConfigurationError(`${refused}; check the topic's and the brokers' configuration`)
      : new OutputUnavailableError(refused),
  };
}

function invalid(message: string, outputIndex: number | undefined): InvalidOutputError {
  return new InvalidOutputError(message, outputIndex === undefined ? {} : { outputIndex });
}
