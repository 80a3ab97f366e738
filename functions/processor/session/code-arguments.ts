// Code arguments
//
// What a pipeline's code passes to its range, and returns: checked before anything is made
// of it, since code without types passes anything.

import { joinProblems, quote } from "../../../shared/core/bounded-text.ts";
import { InvalidOutputError, MisuseError } from "../../../shared/core/errors.ts";
import {
  DEFAULT_COMMIT_INTERVAL_MS,
  MAX_COMMIT_INTERVAL_MS,
  MAX_RECORD_CONCURRENCY,
} from "../../../shared/core/limits.ts";
import {
  type OptionRules,
  oneOf,
  optionProblems,
  required,
  wholeNumber,
} from "../../../shared/core/options/require-options.ts";
import { formatOffsetRange, type OffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import type { ForEachRules } from "./processing-range.ts";

/** The outputs of a call of commit, or why it cannot be one: a call that nobody waits for has to fail the completion as well. */
export function takeCommit<Output>(
  range: OffsetRange,
  untilOffset: bigint,
  outputs: readonly Output[],
): readonly Output[] | { readonly refusal: unknown } {
  try {
    requireOffset(`commit of ${formatOffsetRange(range)}`, untilOffset);
    return takeOutputs(`commit(${untilOffset}) of ${formatOffsetRange(range)}`, outputs);
  } catch (refusal) {
    return { refusal };
  }
}

/** The outputs as they are now: the code may go on with its array before they are written. Throws InvalidOutputError. */
export function takeOutputs<Output>(where: string, outputs: readonly Output[]): readonly Output[] {
  if (!Array.isArray(outputs)) {
    throw new InvalidOutputError(
      `${where}: the outputs are ${showValue(outputs)}; expected an array of entries as DynamoDB's TransactWriteItems takes them, as [{ Put: { TableName, Item } }], or [] for none`,
    );
  }
  // Also the holes of a sparse array, which a spread makes visible.
  return [...outputs];
}

/** Throws InvalidOutputError unless it is one output, several, or none. */
export function takeRecordOutputs<Output>(where: string, offset: bigint, given: unknown): readonly Output[] {
  if (given === undefined) {
    return [];
  }
  if (Array.isArray(given)) {
    return [...given];
  }
  if (typeof given !== "object" && typeof given !== "string") {
    throw new InvalidOutputError(
      `${where}: for the record at offset ${offset} it was given ${showValue(given)}; expected an output, an array of them, or undefined for none`,
    );
  }
  return [given as Output]; // No array, as was just seen.
}

/** Throws MisuseError unless it is code. */
export function requireOutputsOf(where: string, outputsOf: unknown): void {
  if (typeof outputsOf !== "function") {
    throw new MisuseError(
      `${where}: it was given ${showValue(outputsOf)}; expected a function that takes a record and returns its outputs`,
    );
  }
}

/** The rules with their defaults. Throws MisuseError for one that is none. */
export function takeForEachRules(where: string, given: unknown): Required<ForEachRules> {
  if (typeof given !== "object" || given === null) {
    throw new MisuseError(
      `${where}: the rules are ${showValue(given)}; expected { concurrency, by } before the function`,
    );
  }
  const problems = optionProblems(given, RULES);
  if (problems.length > 0) {
    throw new MisuseError(`${where}: ${joinProblems(problems)}`);
  }
  // As was just seen.
  const { concurrency, by = "key", commitIntervalMs = DEFAULT_COMMIT_INTERVAL_MS } = given as ForEachRules;
  return { concurrency, by, commitIntervalMs };
}

const RULES: OptionRules<ForEachRules> = {
  concurrency: required(wholeNumber(1, MAX_RECORD_CONCURRENCY)),
  by: oneOf("key", "record"),
  commitIntervalMs: wholeNumber(0, MAX_COMMIT_INTERVAL_MS),
};

/** Throws MisuseError: a number would lose an offset beyond 2^53. */
function requireOffset(where: string, offset: unknown): asserts offset is bigint {
  if (typeof offset !== "bigint") {
    throw new MisuseError(
      `${where}: untilOffset is ${showValue(offset)}; expected a bigint, one above the last record that it covers, as record.offset + 1n`,
    );
  }
}

/** Throws MisuseError unless it is a record, with a text that says why it is rejected. */
export function requireRejected(where: string, record: unknown, reason: unknown): asserts record is KafkaRecord {
  if (!isRecord(record)) {
    throw new MisuseError(
      `${where}: the record is ${showValue(record)}; expected one as records() or batches() gave it`,
    );
  }
  if (typeof reason !== "string") {
    const instead = reason instanceof Error ? "; pass its message" : "";
    throw new MisuseError(`${where}: the reason is ${showValue(reason)}; expected a text${instead}`);
  }
}

function isRecord(value: unknown): boolean {
  if (typeof value !== "object" || value === null) {
    return false;
  }
  const { offset, timestamp, key, value: content, headers } = value as Readonly<Record<string, unknown>>; // Any object's.
  return (
    typeof offset === "bigint" &&
    typeof timestamp === "bigint" &&
    Array.isArray(headers) &&
    [key, content].every((bytes) => bytes === null || Buffer.isBuffer(bytes))
  );
}

/** A value with its type, where that says more than its JSON. */
function showValue(value: unknown): string {
  if (value === undefined) {
    return "undefined";
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    const made: unknown = value.constructor;
    const kind = typeof made === "function" && made !== Object ? `a ${made.name} ` : "";
    return value instanceof Error ? `${kind}${quote(value.message)}` : `${kind}${quote(value)}`;
  }
  return typeof value === "bigint" ? `${value}n` : quote(value);
}
