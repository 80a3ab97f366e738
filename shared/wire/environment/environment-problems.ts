import * as z from "zod/mini";
import { listNames, quote } from "../../core/bounded-text.ts";
import { worded } from "../json/list-problems.ts";

export interface EnvironmentProblem {
  /** The key of the configuration that is wrong; absent where a name is. */
  readonly key?: string;
  readonly message: string;
}

/** What the functions would refuse of a configuration; nothing when it can be encoded. */
export function encodingProblems<Schema extends z.ZodMiniType>(
  schema: Schema,
  config: z.output<Schema>,
  nameOf: (key: string) => string = String,
): readonly EnvironmentProblem[] {
  const { error } = z.safeEncode(schema, config, worded);
  return error === undefined ? [] : problemsIn(error, config, nameOf);
}

/** Each problem with the name that whoever has to mend it knows the key by. */
export function problemsIn(
  error: z.core.$ZodError,
  input: unknown,
  nameOf: (key: string) => string,
): readonly EnvironmentProblem[] {
  return error.issues.map((issue) => {
    if (issue.code === "unrecognized_keys") {
      return { message: `${listNames(issue.keys.map(nameOf))}: unknown, remove it` };
    }
    const key = String(issue.path[0]);
    const value = (input as Record<string, unknown>)[key];
    const shown = value === undefined ? "is not set" : `${quote(value)} is wrong`;
    return { key, message: `${nameOf(key)} ${shown}: ${issue.message}` };
  });
}
