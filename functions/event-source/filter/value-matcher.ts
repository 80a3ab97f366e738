// Value matcher
//
// What stands in the list of a field of an event pattern: a value that the field may have, or an
// operator with its argument.
//
//   VM1  Numbers are compared as numbers, as EventBridge's own matcher does: 300 is 300.0. Texts are
//        compared character by character, and none with a number.
//   VM2  An argument that AWS refuses is refused.

import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { compileSubnet } from "./subnet.ts";
import { compileWildcard } from "./wildcard.ts";

/** A value of JSON that is not an object. */
export type Leaf = string | number | boolean | null;

export type ValueMatcher = (value: Leaf) => boolean;

/** Where a message says what is wrong. */
type Place = string;

type Compile = (argument: unknown, where: Place) => ValueMatcher | "absent";

const operators: Readonly<Record<string, Compile>> = {
  exactly: (argument, where) => {
    const text = requireText(argument, where);
    return (value) => value === text;
  },
  prefix: (argument, where) => byText(argument, where, (value, text) => value.startsWith(text)),
  suffix: (argument, where) => byText(argument, where, (value, text) => value.endsWith(text)),
  "equals-ignore-case": (argument, where) => ignoringCase(argument, where, (value, text) => value === text),
  wildcard: (argument, where) => onText(compileWildcard(requireText(argument, where), where)),
  numeric: compileNumeric,
  exists: (argument, where) => {
    if (typeof argument !== "boolean") {
      throw wrong(where, argument, "expected true or false");
    }
    return argument ? () => true : "absent";
  },
  cidr: (argument, where) => onText(compileSubnet(requireText(argument, where), where)),
  "anything-but": compileAnythingBut,
};

/** Names that no field inside of an `$or` may have. */
export const OPERATORS: readonly string[] = Object.keys(operators);

/** "absent" for `exists: false`. Throws ConfigurationError. */
export function compileValueMatcher(value: unknown, where: Place): ValueMatcher | "absent" {
  if (isObject(value)) {
    const [name, argument] = requireOneOperator(value, where);
    const compile = operators[name];
    if (compile === undefined) {
      throw new ConfigurationError(`${where} has the operator ${quote(name)}; expected one of ${OPERATORS.join(", ")}`);
    }
    return compile(argument, `${where}.${name}`);
  }
  if (Array.isArray(value) || value === undefined) {
    throw wrong(where, value, "expected a text, a number, true, false, null, or an operator as { prefix: … }");
  }
  return (leaf) => leaf === value;
}

/** `prefix` and `suffix` of a text, also whatever its case. */
function byText(argument: unknown, where: Place, test: (value: string, text: string) => boolean): ValueMatcher {
  if (isObject(argument)) {
    const [name, inner] = requireOneOperator(argument, where);
    if (name !== "equals-ignore-case") {
      throw wrong(where, argument, 'expected a text, or { "equals-ignore-case": "…" }');
    }
    return ignoringCase(inner, where, test);
  }
  const text = requireText(argument, where);
  return onText((value) => test(value, text));
}

function ignoringCase(argument: unknown, where: Place, test: (value: string, text: string) => boolean): ValueMatcher {
  const text = requireText(argument, where).toLowerCase();
  return onText((value) => test(value.toLowerCase(), text));
}

function compileAnythingBut(argument: unknown, where: Place): ValueMatcher {
  if (isObject(argument)) {
    const [name, inner] = requireOneOperator(argument, where);
    const compile = ["prefix", "suffix", "equals-ignore-case", "wildcard"].includes(name) ? operators[name] : undefined;
    const texts = Array.isArray(inner) ? inner : [inner];
    const isPart = name === "prefix" || name === "suffix";
    if (compile === undefined || texts.length === 0 || (isPart && texts.includes(""))) {
      throw wrong(where, argument, "expected prefix, suffix, equals-ignore-case or wildcard with a text or several");
    }
    const matchers = texts.map((text) => compile(requireText(text, where), where));
    return (value) => !matchers.some((matcher) => matcher !== "absent" && matcher(value));
  }
  const values = Array.isArray(argument) ? argument : [argument];
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.size !== 1 || !(kinds.has("string") || kinds.has("number"))) {
    throw wrong(where, argument, "expected a text or a number, or several of one of them");
  }
  return (value) => !values.includes(value);
}

const comparisons: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

/** One comparison, or a lower bound and then an upper one. */
function compileNumeric(argument: unknown, where: Place): ValueMatcher {
  const [first, low, second, high, ...more] = Array.isArray(argument) ? argument : [];
  const isRange = second !== undefined;
  const isOrdered = !isRange || (String(first).startsWith(">") && String(second).startsWith("<") && low < high);
  const compare = comparisons[String(first)];
  const compareHigh = comparisons[String(second)];
  if (
    compare === undefined ||
    typeof low !== "number" ||
    (isRange && (compareHigh === undefined || typeof high !== "number")) ||
    !isOrdered ||
    more.length > 0
  ) {
    throw wrong(where, argument, 'expected a comparison, as ["=", 5] or [">", 0, "<=", 5], the lower bound first');
  }
  return (value) =>
    typeof value === "number" && compare(value, low) && (compareHigh === undefined || compareHigh(value, high));
}

function onText(test: (value: string) => boolean): ValueMatcher {
  return (value) => typeof value === "string" && test(value);
}

function requireText(value: unknown, where: Place): string {
  if (typeof value !== "string") {
    throw wrong(where, value, "expected a text");
  }
  return value;
}

function requireOneOperator(value: Readonly<Record<string, unknown>>, where: Place): readonly [string, unknown] {
  const [only, ...more] = Object.entries(value);
  if (only === undefined || more.length > 0) {
    throw wrong(where, value, "expected one operator with its argument");
  }
  return only;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(where: Place, value: unknown, remedy: string): ConfigurationError {
  return new ConfigurationError(`${where} is ${quote(value)}; ${remedy}`);
}
