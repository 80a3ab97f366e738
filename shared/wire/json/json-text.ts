// JSON text
//
// What people paste, read without losing anything: JSON.parse takes the last of two
// equal keys, and rounds long numbers. Libraries that keep numbers let a key pass that
// is given twice with one value, or drop `__proto__`, a legal topic.

import { quoteName } from "../../core/bounded-text.ts";

export type JsonText =
  | { readonly kind: "read"; readonly value: unknown }
  | { readonly kind: "notJson" }
  /** One object has the key twice. */
  | { readonly kind: "repeated"; readonly key: string };

/** `readNumber` is given each number as it is written. */
export function readJsonText(text: string, readNumber: (digits: string) => unknown = Number): JsonText {
  let value: unknown;
  try {
    // TypeScript's library does not know the reviver's third argument (ES2026).
    value = JSON.parse(text, ((_key: string, inner: unknown, { source }: ReviverContext) =>
      typeof inner === "number" && source !== undefined ? readNumber(source) : inner) as Reviver);
  } catch {
    return { kind: "notJson" };
  }
  const key = repeatedKey(text);
  return key === undefined ? { kind: "read", value } : { kind: "repeated", key };
}

/** What is wrong with a text that was not read, to follow its name. */
export function jsonProblem(text: Exclude<JsonText, { readonly kind: "read" }>): string {
  return text.kind === "notJson" ? "is not JSON" : `names ${quoteName(text.key)} twice in one object`;
}

interface ReviverContext {
  /** The value's own text; absent for objects and arrays. */
  readonly source?: string;
}

type Reviver = (key: string, value: unknown) => unknown;

/** Of a text that is JSON. */
function repeatedKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  let before = "";
  for (const token of tokens(text)) {
    if (token === "{" || token === "[") {
      open.push(new Set());
    } else if (token === "}" || token === "]") {
      open.pop();
    } else if (token === ":") {
      const key: string = JSON.parse(before);
      const keys = open.at(-1);
      if (keys?.has(key)) {
        return key;
      }
      keys?.add(key);
    } else {
      before = token;
    }
  }
  return undefined;
}

/** Strings as they are written, and what gives a string its place. */
function* tokens(text: string): Generator<string> {
  const marks = /["{}[\]:]/g;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const end = mark[0] === '"' ? stringEnd(text, marks.lastIndex) : marks.lastIndex;
    marks.lastIndex = end;
    yield text.slice(mark.index, end);
  }
}

/** Behind the quote that ends the string whose text begins at `start`. A pattern of the whole string would overflow. */
function stringEnd(text: string, start: number): number {
  const marks = /["\\]/g;
  marks.lastIndex = start;
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      return marks.lastIndex;
    }
    marks.lastIndex += 1;
  }
  return text.length;
}
