// Prop rules
//
// What types say of a construct's props, where an app is run that nobody checks by
// them: Node strips types. One table per interface has a rule for each of its props,
// which the compiler holds to the interface: no prop is missing, and none is invented.
//
//   PR1  A name that the table does not have is refused, with the name that was probably meant.
//   PR2  All that is wrong is told at once.
//   PR3  What CDK fills in when it deploys is not looked at.

import { Duration, Token } from "aws-cdk-lib";
import { quote, showName } from "../../../shared/core/bounded-text.ts";
import { nearestName } from "../../../shared/core/nearest-name.ts";

/** What is wrong with a prop's value, in whole sentences; nothing when it will do. */
export interface PropRule {
  (value: unknown, name: string): readonly string[];
  readonly isRequired?: boolean;
}

interface RequiredRule extends PropRule {
  readonly isRequired: true;
}

/** A rule for each prop; one that its interface asks for is marked as required. */
export type PropRules<Props> = {
  readonly [Name in keyof Props]-?: Partial<Pick<Props, Name>> extends Pick<Props, Name> ? PropRule : RequiredRule;
};

export interface PropProblem {
  readonly prop: string;
  readonly message: string;
}

/** All that the rules find wrong. `prefix` is the way to these props, as `sasl.`. */
export function findPropProblems<Props extends object>(
  props: Props,
  rules: PropRules<Props>,
  prefix = "",
): readonly PropProblem[] {
  const known = new Map<string, PropRule>(Object.entries(rules));
  const unknown = Object.keys(props).filter((prop) => !known.has(prop));
  const values = new Map<string, unknown>(Object.entries(props));
  return [
    ...unknown.map((prop) => ({ prop, message: refuseName(prop, known.keys(), prefix) })),
    ...[...known].flatMap(([prop, rule]) =>
      judge(rule, values.get(prop), `${prefix}${prop}`).map((message) => ({ prop, message })),
    ),
  ];
}

function judge(rule: PropRule, value: unknown, name: string): readonly string[] {
  if (value === undefined) {
    return rule.isRequired === true ? [`${name} is not set, and has no default`] : [];
  }
  return Token.isUnresolved(value) ? [] : rule(value, name);
}

/** So few are all named where none is near. */
const MAX_NAMED = 8;

function refuseName(prop: string, known: Iterable<string>, prefix: string): string {
  const all = [...known];
  const meant = nearestName(prop, all);
  const remedy = all.length > MAX_NAMED ? "remove it" : `there are ${all.join(", ")}`;
  return `${prefix}${showName(prop)} is not a prop; ${meant === undefined ? remedy : `was ${prefix}${meant} meant?`}`;
}

export function required(rule: PropRule): RequiredRule {
  return Object.assign((value: unknown, name: string) => rule(value, name), { isRequired: true } as const);
}

/** A prop whose value is held to its bounds elsewhere: by the functions' environment, or by CDK. */
export const known: PropRule = () => [];

/** A rule that a value meets if the test holds: `choose` says what would do. */
export function such(choose: string, test: (value: unknown) => boolean): PropRule {
  return (value, name) => (test(value) ? [] : [`${name} is ${showValue(value)}; choose ${choose}`]);
}

export const whole = such("a whole number", Number.isSafeInteger);
export const flag = such("true or false", (value) => typeof value === "boolean");
export const text = such("a text", (value) => typeof value === "string");
export const duration = such("a Duration, as Duration.minutes(2)", (value) => hasMethod(value, "toMilliseconds"));

const MIN_TIMEOUT = Duration.seconds(10);
const MAX_TIMEOUT = Duration.minutes(15);

/** Of a function that processes ranges. */
export const timeout: PropRule = (value, name) => {
  const problems = duration(value, name);
  if (problems.length > 0) {
    return problems;
  }
  const given = value as Duration;
  const ms = given.toMilliseconds();
  return ms < MIN_TIMEOUT.toMilliseconds() || ms > MAX_TIMEOUT.toMilliseconds()
    ? [`${name} is ${given.toHumanString()}; choose ${MIN_TIMEOUT.toHumanString()} to ${MAX_TIMEOUT.toHumanString()}`]
    : [];
};

/** An object of props of its own. */
export function nested<Props>(rules: PropRules<Props>): PropRule {
  return (value, name) =>
    isObject(value)
      ? findPropProblems(value as object & Props, rules, `${name}.`).map(({ message }) => message)
      : [`${name} is ${showValue(value)}; choose an object of ${Object.keys(rules).join(", ")}`];
}

export function listOf(rule: PropRule): PropRule {
  return (value, name) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => judge(rule, item, `${name}[${index}]`))
      : [`${name} is ${showValue(value)}; choose a list`];
}

/** The rules in turn, up to the first that is broken. */
export function all(...rules: readonly PropRule[]): PropRule {
  return (value, name) =>
    rules.reduce<readonly string[]>((found, rule) => (found.length > 0 ? found : rule(value, name)), []);
}

export function hasMethod(value: unknown, method: string): boolean {
  return isObject(value) && typeof Reflect.get(value, method) === "function";
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a construct holds is too much, and is not what was meant. */
export function showValue(value: unknown): string {
  if (isObject(value) && Object.getPrototypeOf(value) !== Object.prototype) {
    return `a ${value.constructor.name}`;
  }
  return typeof value === "function" ? "a function" : quote(value);
}
