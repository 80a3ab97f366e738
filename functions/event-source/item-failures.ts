// Item failures
//
// What a handler's answer says of the records that it was given, as AWS documents it for Kafka.
//
//   IT1  No answer, an empty one, and an empty or null list say that all succeeded.
//   IT2  An identifier that is none of the event's makes the answer one of a batch that failed whole.

import { quote } from "../../shared/core/bounded-text.ts";
import { BatchItemFailureError } from "../../shared/core/failure/batch-item-failure.ts";

export interface AnsweredBatch {
  /** As in the event: `orders-0`. */
  readonly partition: string;
  /** By ascending offset; one at least. */
  readonly offsets: readonly bigint[];
}

/** The offsets that failed, by ascending offset; throws BatchItemFailureError with all of them where the answer is wrong (IT2). */
export function failedOffsets({ partition, offsets }: AnsweredBatch, answer: unknown): readonly bigint[] {
  const failures =
    typeof answer === "object" && answer !== null && "batchItemFailures" in answer ? answer.batchItemFailures : [];
  if (failures === null || failures === undefined) {
    return [];
  }
  const refuse = (what: string, value: unknown) =>
    new BatchItemFailureError(
      `the handler's answer has ${what} ${quote(value)}; expected { itemIdentifier: { partition: "${partition}", offset } } of a record of the event, so that all of them count as failed`,
      { offsets },
    );
  if (!Array.isArray(failures)) {
    throw refuse("batchItemFailures", failures);
  }
  const known = new Map(offsets.map((offset) => [Number(offset), offset]));
  const failed = new Set<bigint>();
  for (const [index, failure] of failures.entries()) {
    const identifier: unknown = failure?.itemIdentifier;
    const { partition: of, offset } = (identifier ?? {}) as { readonly partition?: unknown; readonly offset?: unknown }; // Any value's.
    const found = of === partition && typeof offset === "number" ? known.get(offset) : undefined;
    if (found === undefined) {
      throw refuse(`batchItemFailures[${index}].itemIdentifier`, identifier);
    }
    failed.add(found);
  }
  return offsets.filter((offset) => failed.has(offset));
}
