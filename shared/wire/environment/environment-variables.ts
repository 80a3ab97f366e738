// Environment variables
//
// How a configuration travels in a function's environment.
//
//   EV1  A variable is named RANGES_ plus its key in capitals: `maxAttempts` is RANGES_MAX_ATTEMPTS.
//   EV2  A RANGES_ variable that the schema does not know is refused, not ignored.

import * as z from "zod/mini";
import { joinProblems } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { worded } from "../json/list-problems.ts";
import { type EnvironmentProblem, encodingProblems, problemsIn } from "./environment-problems.ts";

export const ENVIRONMENT_PREFIX = "RANGES_";

/**
 * Throws ConfigurationError that lists every wrong or unknown variable, and those of `required`, the names of others,
 * that are not set.
 */
export function decodeEnvironment<Schema extends z.ZodMiniType>(
  schema: Schema,
  environment: Readonly<Record<string, string | undefined>>,
  required: readonly string[] = [],
): z.output<Schema> {
  const variables = Object.entries(environment).filter(([name]) => name.startsWith(ENVIRONMENT_PREFIX));
  const input = Object.fromEntries(variables.map(([name, value]) => [keyOf(name), value]));
  const result = z.safeDecode(schema, input as z.input<Schema>, worded); // Checked by the decoding itself.
  const missing = required.filter((name) => !environment[name]).map((name) => `${name} is not set`);
  const problems = result.success ? [] : problemsIn(result.error, input, variableOf).map(({ message }) => message);
  if (!result.success || missing.length > 0) {
    throw new ConfigurationError(`the function's environment is wrong: ${joinProblems([...problems, ...missing])}`);
  }
  return result.data;
}

/** The variables that decode to `config`; throws ConfigurationError that lists what is out of bounds. */
export function encodeEnvironment<Schema extends z.ZodMiniObject>(
  schema: Schema,
  config: z.output<Schema>,
): Record<string, string> {
  const result = z.safeEncode(schema, config, worded);
  if (!result.success) {
    throw new ConfigurationError(`the configuration is wrong: ${listed(encodingProblems(schema, config))}`);
  }
  const entries = Object.entries(result.data as Record<string, string | undefined>);
  return Object.fromEntries(entries.flatMap(([key, value]) => (value === undefined ? [] : [[variableOf(key), value]])));
}

/** `maxAttempts` → `RANGES_MAX_ATTEMPTS`. */
function variableOf(key: string): string {
  return ENVIRONMENT_PREFIX + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}

function keyOf(variable: string): string {
  const words = variable.slice(ENVIRONMENT_PREFIX.length).toLowerCase();
  return words.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function listed(problems: readonly EnvironmentProblem[]): string {
  return joinProblems(problems.map(({ message }) => message));
}
