// Keep output
//
// An output as it is kept until its transaction has taken effect. What is no output is
// refused here, before anything is sent.
//
//   KO1  A statement is sent alone, with parameters: a text of several, or one that begins or ends a transaction
//        (statement-verb.ts), would take the outputs of a commit apart.

import { cutText, quote } from "../../core/bounded-text.ts";
import { type EncodedValue, encodeElement, encodeValue, ValueError } from "./encode-value.ts";
import type { PostgresOutput, PostgresRow, PostgresStatement, PostgresValue } from "./postgres-statement.ts";
import { COMMON_VERBS, strayVerbOf } from "./statement-verb.ts";

export interface KeptStatement {
  readonly kind: "statement";
  readonly text: string;
  readonly values: readonly EncodedValue[];
  readonly bytes: number;
}

export interface KeptRow {
  readonly kind: "row";
  readonly text: string;
  /** As elements of arrays. */
  readonly elements: readonly string[];
  /** Rows of the same may not stand in one statement; undefined where any may. */
  readonly key: string | undefined;
  readonly bytes: number;
}

export type KeptOutput = KeptStatement | KeptRow;

/** Throws ValueError that says what is wrong with it. */
export function keepOutput(output: PostgresOutput): KeptOutput {
  if (typeof output !== "object" || output === null) {
    throw new ValueError(`is ${quote(output)}; ${EXPECTED}`);
  }
  return "bulk" in output ? keepRow(output) : keepStatement(output);
}

const EXPECTED = 'expected { text: "INSERT …", values: […] }, or a row of a bulkStatement';

function keepStatement({ text, values = [] }: PostgresStatement): KeptStatement {
  requireText(text);
  if (!Array.isArray(values)) {
    throw new ValueError(`has values ${quote(values)}; expected an array, the first one that of $1`);
  }
  const encoded = values.map((value, index) => named(`values[${index}]`, () => encodeValue(value)));
  return { kind: "statement", text, values: encoded, bytes: text.length + sum(encoded.map(lengthOf)) };
}

function keepRow({ bulk, row }: PostgresRow): KeptRow {
  requireText(bulk?.text);
  if (!Array.isArray(row) || row.length === 0) {
    throw new ValueError(`is a row of ${quote(row)}; expected a value for each parameter of the bulk statement`);
  }
  const elements = row.map((value, index) => named(`value ${index + 1} of the row`, () => encodeScalar(value)));
  return { kind: "row", text: bulk.text, elements, key: keyOf(bulk.key, elements), bytes: sum(elements.map(lengthOf)) };
}

function encodeScalar(value: PostgresValue): string {
  if (Array.isArray(value)) {
    throw new ValueError(
      "is an array, which unnest would take for several rows; give it as JSON, or use a single statement",
    );
  }
  return encodeElement(value);
}

function keyOf(key: readonly number[], elements: readonly string[]): string | undefined {
  if (key.length === 0) {
    return undefined;
  }
  const parts = key.map((number) => elements[number - 1]);
  if (parts.includes(undefined)) {
    throw new ValueError(`is a row of ${elements.length} values, and the statement's key is of ${quote(key)}`);
  }
  return parts.join(",");
}

function requireText(text: unknown): asserts text is string {
  if (typeof text !== "string") {
    throw new ValueError(`has the text ${quote(text)}; ${EXPECTED}`);
  }
  if (text.includes("\0")) {
    throw new ValueError(`has a character NUL in its text ${quote(text)}`);
  }
  const verb = strayVerbOf(text);
  if (verb !== undefined) {
    throw new ValueError(
      `is the statement ${quote(text)}; ${cutText(verb)} is not for outputs: they are in one transaction with the range's progress, which is begun and ended for them; expected ${COMMON_VERBS}`,
    );
  }
}

function named<Value>(what: string, encode: () => Value): Value {
  try {
    return encode();
  } catch (error) {
    throw error instanceof ValueError ? new ValueError(`${what} ${error.message}`, { cause: error }) : error;
  }
}

function lengthOf(value: EncodedValue): number {
  return value?.length ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
