// List problems
//
// What a schema finds wrong, in words that say what was expected: zod's own speak of
// its types. Every decoding of foreign values passes `worded` to its schema.

import type * as z from "zod/mini";
import { joinProblems, listNames, quote, showName } from "../../core/bounded-text.ts";
import { stringify } from "./json.ts";

/** For `safeParse`, `safeDecode` and `safeEncode`; what a schema says itself goes before it. */
export const worded = { error: (issue: z.core.$ZodRawIssue) => wordingOf(issue) };

/**
 * `ranges[0].fromOffset is -1: expected …` for each problem that the schema found in the input, whose fields whoever
 * gave it may know by other names.
 */
export function listProblems(error: z.core.$ZodError, input: unknown, nameOfField?: (field: string) => string): string {
  const nameOf = (path: readonly PropertyKey[]) => nameOfPath(path, nameOfField);
  return joinProblems(
    error.issues.flatMap((issue) => {
      if (issue.code === "unrecognized_keys") {
        return issue.keys.map((key) => `${nameOf([...issue.path, key])} is unknown: remove it`);
      }
      if (issue.code === "invalid_key") {
        const [problem] = issue.issues;
        return [`${nameOf(issue.path)} is a wrong name: ${problem?.message ?? issue.message}`];
      }
      const value = issue.path.reduce<unknown>(
        (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
        input,
      );
      return [`${nameOf(issue.path)} is ${quote(value)}: ${issue.message}`];
    }),
  );
}

function nameOfPath(path: readonly PropertyKey[], nameOfField = nameOfOwn): string {
  const name = path
    .map((key, depth) => (typeof key === "number" ? `[${key}]` : (depth === 0 ? nameOfField : nameOfOwn)(String(key))))
    .join("");
  return name === "" ? "it" : name.replace(/^\./, "");
}

function nameOfOwn(key: string): string {
  const shown = showName(key);
  return shown.startsWith('"') ? `[${shown}]` : `.${shown}`;
}

function wordingOf(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${KINDS["format" in issue ? "int" : issue.expected] ?? issue.expected}`;
    case "invalid_value":
      return `expected ${issue.values.length > 1 ? "one of " : ""}${listNames(issue.values.map((value) => stringify(value)))}`;
    case "too_small":
      return `expected ${boundOf("at least", issue.minimum, issue.origin)}`;
    case "too_big":
      return `expected ${boundOf("at most", issue.maximum, issue.origin)}`;
    default:
      return undefined;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  bigint: "a whole number",
  boolean: "true or false",
  object: "an object",
  record: "an object",
  map: "an object",
  array: "a list",
};

function boundOf(which: string, bound: number | bigint, origin: string): string {
  const unit = { string: bound === 1 ? " character" : " characters", array: bound === 1 ? " entry" : " entries" }[
    origin
  ];
  return `${which} ${bound}${unit ?? ""}`;
}
