import type { AttemptError } from "../attempt-error.ts";
import type { ChainKey } from "../range/range-record.ts";
import type { TopicPartition } from "../range/topic-partition.ts";
import type { KafkaRecord } from "../source/range-reader.ts";

/** A record that a pipeline does not process: where it is, what it was, and why. */
export interface DeadLetter extends TopicPartition {
  readonly chain: ChainKey;
  readonly offset: bigint;
  /** Given up after failed attempts, or reported by the pipeline's code. */
  readonly kind: "quarantined" | "rejected";
  readonly error: LetterError;
  /** From 1: which attempt at the range it was. */
  readonly attempt: number;
  /** Milliseconds since the epoch, by the clock of the processor; absent in letters of earlier releases. */
  readonly failedAt?: number;
  /** Where the failed attempt is logged; absent outside of Lambda. */
  readonly invocation?: FailedInvocation;
  /** Absent where not even reading it succeeds. */
  readonly record?: KafkaRecord;
}

/** More than the ledger keeps: a letter has room. */
export interface LetterError extends AttemptError {
  /** With the causes; at most MAX_LETTER_STACK_LENGTH characters. */
  readonly stack?: string;
}

/** As CloudWatch and Lambda name it. */
export interface FailedInvocation {
  readonly awsRequestId: string;
  readonly logGroup?: string;
  readonly logStream?: string;
}

/** Where dead letters go: at least once each, before the ledger counts their records as done. */
export interface DeadLetterTarget {
  /** Resolves once the letter is kept; throws DeadLetterError otherwise. */
  send(letter: DeadLetter): Promise<void>;
}

/** The same for every copy of a letter: a consumer drops the second by it. */
export function deadLetterId({ chain, offset }: Pick<DeadLetter, "chain" | "offset">): string {
  return `${chain.topicId}:${chain.partition}:${offset}`;
}
