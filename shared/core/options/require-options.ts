// Require options
//
// Options as code without types may give them, held against what there is, before anything is
// done with them.
//
//   ROP1  Every problem is named at once: an option that there is not, one that is missing, and a value that none takes.

import { joinProblems, listNames, quote, showName } from "../bounded-text.ts";
import { ConfigurationError } from "../errors.ts";

/** What one option takes. */
export interface OptionRule {
  /** As a message says it, behind "expected". */
  readonly expected: string;
  readonly takes: (value: unknown) => boolean;
  /** @default false */
  readonly isRequired?: boolean;
  /** Whether no message may show its value. @default false */
  readonly isSecret?: boolean;
}

/** By option; the compiler asks for each that the options have. */
export type OptionRules<Options> = { readonly [Name in keyof Options]-?: OptionRule };

/** Throws ConfigurationError that lists what is wrong. `maker` is the function that was given them. */
export function requireOptions<Options extends object>(
  maker: string,
  given: unknown,
  rules: OptionRules<Options>,
): void {
  const problems = optionProblems(given, rules);
  if (problems.length > 0) {
    throw new ConfigurationError(`${maker}: ${joinProblems(problems)}`);
  }
}

/** For who has more to say of them, or says it by another error. */
export function optionProblems(given: unknown, rules: Readonly<Record<string, OptionRule>>): readonly string[] {
  const names = Object.keys(rules);
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    return [`its options are ${kindOf(given)}; expected an object with ${listNames(names)}`];
  }
  const wrong = Object.entries(rules).flatMap(([name, rule]) => {
    const value: unknown = Reflect.get(given, name);
    const isTaken = value === undefined ? rule.isRequired !== true : rule.takes(value);
    return isTaken ? [] : [`${name} is ${shown(value, rule)}; expected ${rule.expected}`];
  });
  return [...unknownOptions(given, names), ...wrong];
}

/** The problem, if there is one. */
export function unknownOptions(given: object, names: readonly string[]): readonly string[] {
  const unknown = Object.keys(given).filter((name) => !names.includes(name) && Reflect.get(given, name) !== undefined);
  return unknown.length === 0
    ? []
    : [`${listNames(unknown.map(showName))} is no option; there are ${listNames(names)}`];
}

function shown(value: unknown, { isSecret = false }: OptionRule): string {
  const isPlain = typeof value !== "function" && (typeof value !== "object" || value === null);
  return isPlain && !(isSecret && value !== undefined) ? quote(value) : kindOf(value);
}

/** What a value is, for where itself may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) {
    return value === undefined ? "missing" : "null";
  }
  if (Array.isArray(value)) {
    return "an array";
  }
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/** What somebody else checks, with a better message. */
export const CHECKED_ELSEWHERE: OptionRule = { expected: "anything", takes: () => true };

export const BOOLEAN: OptionRule = { expected: "true or false", takes: (value) => typeof value === "boolean" };

export const TEXT: OptionRule = {
  expected: "a text",
  takes: (value) => typeof value === "string" && value !== "",
};

export function wholeNumber(min: number, max: number): OptionRule {
  return {
    expected: `a whole number from ${min} to ${max}`,
    takes: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

export function oneOf(...values: readonly string[]): OptionRule {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(values.length === 2 ? " or " : ", "),
    takes: (value) => typeof value === "string" && values.includes(value),
  };
}

export function aFunction(expected: string): OptionRule {
  return { expected, takes: (value) => typeof value === "function" };
}

/** An object that has these methods. */
export function anObjectWith(methods: readonly string[], expected: string): OptionRule {
  return {
    expected,
    takes: (value) =>
      typeof value === "object" &&
      value !== null &&
      methods.every((name) => typeof Reflect.get(value, name) === "function"),
  };
}

export function required(rule: OptionRule): OptionRule {
  return { ...rule, isRequired: true };
}
