// Encode value
//
// JavaScript's values as PostgreSQL reads them, in its text form, at the moment that they are
// given: the code may go on with its objects before the transaction begins.
//
//   VE1  What PostgreSQL could not take, or would take for something else, is refused here, before anything is sent:
//        a NUL in text, half a character, undefined, a function.

import { quote } from "../../core/bounded-text.ts";
import type { PostgresValue } from "./postgres-statement.ts";

/** As it is sent: text, bytes for a `bytea`, or NULL. */
export type EncodedValue = string | Buffer | null;

/** Says what is wrong with the value; the reader knows whose it is. */
export class ValueError extends Error {}

export function encodeValue(value: PostgresValue): EncodedValue {
  if (value instanceof Uint8Array) {
    return Buffer.from(value);
  }
  return Array.isArray(value) ? arrayOf(value.map(encodeElement)) : encodeText(value);
}

/** Of an array; what is in it is quoted, so that no text is taken for NULL. */
export function encodeElement(value: PostgresValue): string {
  if (Array.isArray(value)) {
    return arrayOf(value.map(encodeElement));
  }
  const text = value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : encodeText(value);
  return text === null ? "NULL" : `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO */
export function arrayOf(elements: readonly string[]): string {
  return `{${elements.join(",")}}`;
}

function encodeText(value: PostgresValue): string | null {
  switch (typeof value) {
    case "string":
      return checkText(value);
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    case "object":
      return value === null ? null : encodeObject(value);
    default:
      throw new ValueError(
        value === undefined ? "is undefined; give null for NULL" : `is a ${typeof value}, which no column takes`,
      );
  }
}

function encodeObject(value: object): string {
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) {
      throw new ValueError("is a Date of no time");
    }
    return value.toISOString();
  }
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    throw new ValueError(`is nothing that JSON can show: ${String(error)}`, { cause: error });
  }
  if (json === undefined) {
    throw new ValueError("is nothing that JSON can show");
  }
  return json;
}

function checkText(text: string): string {
  if (text.includes("\0")) {
    throw new ValueError(`has a character NUL (${quote(text)}), which PostgreSQL's text cannot hold; take it out`);
  }
  if (!text.isWellFormed()) {
    throw new ValueError(`has half a character (${quote(text)}), which would be stored as another one`);
  }
  return text;
}
