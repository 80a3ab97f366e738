import * as z from "zod/mini";
import { listNames, quote } from "../../core/bounded-text.ts";
import { worded } from "../json/list-problems.ts";

export interface EnvironmentProblem {
  /** The key of the configuration that is wrong; absent where a name is. */
  readonly key?: string;
  readonly message: string;
}

/** All that the functions would refuse of a configuration; nothing when it can be encoded. */
export function encodingProblems<Schema extends z.ZodMiniObject>(
  schema: Schema,
  config: z.output<Schema>,
  nameOf: (key: string) => string = String,
): readonly EnvironmentProblem[] {
  const { error } = z.safeEncode(schema, config, worded);
  if (error === undefined) {
    return [];
  }
  const found = problemsIn(error, config, nameOf);
  // Where a value is of a wrong type, zod looks at no bound of the others.
  const keys = new Set(found.map(({ key }) => key));
  const others = Object.entries(config).filter(([key, value]) => value !== undefined && !keys.has(key));
  const hidden = others.flatMap(([key, value]) => {
    const field: z.core.$ZodType | undefined = schema.shape[key];
    const issues = field === undefined ? [] : (z.safeEncode(field, value, worded).error?.issues ?? []);
    return issues.map(({ message }) => ({ key, message: `${nameOf(key)} ${quote(value)} is wrong: ${message}` }));
  });
  return [...found, ...hidden];
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
