// Item failures
//
// What a handler's answer says of the records that it was given, as AWS documents it for Kafka.
//
//   IT1  No answer, an object without the list, and an empty or null list say that all succeeded.
//   IT2  An identifier that is none of the event's makes the answer one of a batch that failed whole.
//   IT3  An answer that is no object, or whose list stands under a misspelt name, is the code's mistake: what it
//        reports would be lost for ever. No record is to blame for it.

import { quote, showName } from "../../shared/core/bounded-text.ts";
import { MisuseError } from "../../shared/core/errors.ts";
import { BatchItemFailureError } from "../../shared/core/failure/batch-item-failure.ts";
import { nearestName } from "../../shared/core/nearest-name.ts";

export interface AnsweredBatch {
  /** As in the event: `orders-0`. */
  readonly partition: string;
  /** By ascending offset; one at least. */
  readonly offsets: readonly bigint[];
}

/**
 * The offsets that failed, by ascending offset. Throws BatchItemFailureError with all of them where the answer is wrong
 * (IT2), and MisuseError for one that is none (IT3).
 */
export function failedOffsets({ partition, offsets }: AnsweredBatch, answer: unknown): readonly bigint[] {
  const failures = failuresIn(answer);
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

function failuresIn(answer: unknown): unknown {
  if (answer === undefined || answer === null) {
    return undefined;
  }
  if (typeof answer !== "object" || Array.isArray(answer)) {
    throw new MisuseError(
      `the handler answered ${quote(answer)}; with ReportBatchItemFailures expected { batchItemFailures: […] }, empty where all succeeded, or nothing`,
    );
  }
  const { batchItemFailures, ...others } = answer as Readonly<Record<string, unknown>>; // Any object's.
  if (batchItemFailures === undefined) {
    requireNoneMeant(others);
  }
  return batchItemFailures;
}

/** What else an answer has is nobody's concern, as `statusCode`. */
function requireNoneMeant(others: Readonly<Record<string, unknown>>): void {
  const meant = Object.entries(others).find(([name, value]) => isLike(name, NAME) || isListOfIdentifiers(value));
  if (meant !== undefined) {
    throw new MisuseError(
      `the handler's answer has ${showName(meant[0])}, and no batchItemFailures, so that what it reports would count as done; spell it batchItemFailures`,
    );
  }
}

const NAME = "batchitemfailures";
const IDENTIFIER = "itemidentifier";

function isListOfIdentifiers(value: unknown): boolean {
  const [first]: readonly unknown[] = Array.isArray(value) ? value : [];
  return typeof first === "object" && first !== null && Object.keys(first).some((name) => isLike(name, IDENTIFIER));
}

/** `BatchItemFailures`, `batch_item_failure`. */
function isLike(name: string, known: string): boolean {
  return nearestName(name.replace(/[^a-z]/gi, "").toLowerCase(), [known]) !== undefined;
}
