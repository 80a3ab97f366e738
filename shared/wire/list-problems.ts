import type { z } from "zod";
import { stringify } from "./json.ts";

/** A wrong value is quoted up to here: it may be of any length. */
const MAX_QUOTED_LENGTH = 80;

/** `ranges[0].fromOffset is -1: expected …` for each problem that the schema found in the input. */
export function listProblems(error: z.ZodError, input: unknown): string {
  const problems = error.issues.flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => `${nameOf([...issue.path, key])} is unknown: remove it`);
    }
    const value = issue.path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)[key], input);
    return [`${nameOf(issue.path)} is ${quote(value)}: ${issue.message}`];
  });
  return problems.join("; ");
}

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.map((key) => (typeof key === "number" ? `[${key}]` : `.${String(key)}`)).join("");
  return name === "" ? "it" : name.replace(/^\./, "");
}

function quote(value: unknown): string {
  const text = value === undefined ? "missing" : stringify(value);
  return text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
}
