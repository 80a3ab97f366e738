// Output shape
//
// Whether an output is an action of TransactWriteItems at all, held against what the SDK's
// types say before anything is sent: the SDK leaves out what is null, and DynamoDB's
// refusal does not say which output it is about. What DynamoDB alone can judge, an item's
// size or a number's digits, is left to it (output-faults.ts).
//
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItem.html

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { cutText, listNames, quote, showName } from "../../core/bounded-text.ts";
import { ConfigurationError, InvalidOutputError } from "../../core/errors.ts";
import { MAX_ATTRIBUTE_DEPTH } from "../items/limits.ts";

/** The one action of an output. */
export interface OutputAction {
  readonly verb: "Put" | "Update" | "Delete" | "ConditionCheck";
  readonly tableName: string;
  /** What names the item: a Put's item, with the key in it, or the key alone. */
  readonly item: Readonly<Record<string, unknown>>;
}

const VERBS = ["Put", "Update", "Delete", "ConditionCheck"] as const;

/** A name, or an ARN. */
const tablePattern = /^([\w.-]{3,255}|arn:\S{1,1000})$/;

/** Throws InvalidOutputError, or ConfigurationError for a table that cannot be. */
export function requireOutput(output: TransactWriteItem, index: number): void {
  const where = `outputs[${index}]`;
  const problem = findProblem(output, where);
  if (problem !== undefined) {
    throw new InvalidOutputError(`${problem}; nothing was written`, { outputIndex: index });
  }
  const { verb, tableName } = actionOf(output);
  if (!tablePattern.test(tableName)) {
    throw new ConfigurationError(
      `${where}.${verb}.TableName is ${quote(tableName)}: expected a table's name of 3 to 255 letters, digits, dots, hyphens or underscores, or its ARN; nothing was written`,
    );
  }
}

/** Of an output whose shape is right. */
export function actionOf(output: TransactWriteItem): OutputAction {
  for (const verb of VERBS) {
    const action = output[verb];
    if (action !== undefined) {
      const item = "Item" in action ? action.Item : "Key" in action ? action.Key : undefined;
      return { verb, tableName: action.TableName ?? "", item: item ?? {} };
    }
  }
  throw new InvalidOutputError("an output without an action");
}

function findProblem(output: unknown, where: string): string | undefined {
  if (!isPlainObject(output)) {
    return wrong(where, output, `an object with one of ${VERBS.join(", ")}`);
  }
  const given = Object.keys(output).filter((name) => output[name] !== undefined);
  const verb = VERBS.find((name) => given.includes(name));
  if (verb === undefined || given.length > 1) {
    return `${where} has ${listNames(given.map(showName)) || "nothing"}: expected exactly one of ${VERBS.join(", ")}, and nothing beside it`;
  }
  const action = output[verb];
  if (!isPlainObject(action)) {
    return wrong(`${where}.${verb}`, action, "an object");
  }
  if (typeof action["TableName"] !== "string") {
    return wrong(`${where}.${verb}.TableName`, action["TableName"], "the table's name");
  }
  const name = verb === "Put" ? "Item" : "Key";
  const at = `${where}.${verb}`;
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = action;
  return (
    findFieldProblem(action, at, ["TableName", name, ...(verb === "Update" ? ["UpdateExpression"] : [])]) ??
    findMapProblem(action[name], `${at}.${name}`) ??
    findNamesProblem(names, `${at}.ExpressionAttributeNames`) ??
    findMapProblem(values, `${at}.ExpressionAttributeValues`) ??
    findAbsentExpression(action, verb, at)
  );
}

/** What the API requires of an action beside its table and its item. */
const REQUIRED_EXPRESSIONS: Readonly<Partial<Record<OutputAction["verb"], string>>> = {
  Update: "UpdateExpression",
  ConditionCheck: "ConditionExpression",
};

function findAbsentExpression(
  action: Readonly<Record<string, unknown>>,
  verb: OutputAction["verb"],
  where: string,
): string | undefined {
  const name = REQUIRED_EXPRESSIONS[verb];
  return name !== undefined && action[name] === undefined
    ? wrong(`${where}.${name}`, undefined, "an expression as text")
    : undefined;
}

/** The SDK leaves out what it does not know and what is null: a write would be made without its condition. */
function findFieldProblem(
  action: Readonly<Record<string, unknown>>,
  where: string,
  own: readonly string[],
): string | undefined {
  return firstOf(Object.keys(action), (name) => {
    if (action[name] === undefined) {
      return undefined;
    }
    if (![...own, ...SHARED_FIELDS].includes(name)) {
      return `${where}.${showName(name)} is unknown: expected one of ${listNames([...own, ...SHARED_FIELDS])}`;
    }
    if (name === "ReturnValuesOnConditionCheckFailure") {
      const isKnown = action[name] === "ALL_OLD" || action[name] === "NONE";
      return isKnown ? undefined : wrong(`${where}.${name}`, action[name], "ALL_OLD or NONE");
    }
    return name.endsWith("Expression") && typeof action[name] !== "string"
      ? wrong(`${where}.${name}`, action[name], "an expression as text")
      : undefined;
  });
}

const SHARED_FIELDS = [
  "ConditionExpression",
  "ExpressionAttributeNames",
  "ExpressionAttributeValues",
  "ReturnValuesOnConditionCheckFailure",
];

function findNamesProblem(names: unknown, where: string): string | undefined {
  if (!isPlainObject(names)) {
    return wrong(where, names, 'an object of attribute names, as { "#n": "count" }');
  }
  return firstOf(Object.keys(names), (name) =>
    typeof names[name] === "string"
      ? undefined
      : wrong(`${where}.${showName(name)}`, names[name], "an attribute's name as text"),
  );
}

function findMapProblem(map: unknown, where: string, depth = 1): string | undefined {
  if (!isPlainObject(map)) {
    return wrong(where, map, 'an object of attribute values, as { id: { S: "a" } }');
  }
  return firstOf(Object.keys(map), (name) => findValueProblem(map[name], `${where}.${showName(name)}`, depth));
}

function findValueProblem(value: unknown, where: string, depth: number): string | undefined {
  const types = isPlainObject(value) ? Object.keys(value).filter((type) => value[type] !== undefined) : [];
  const [type = ""] = types;
  if (!isPlainObject(value) || types.length !== 1) {
    return wrong(where, value, `an attribute value of one type, as { S: "a" } or { N: "5" }`);
  }
  if (depth > MAX_ATTRIBUTE_DEPTH) {
    return `${cutText(where)} is nested deeper than DynamoDB takes`;
  }
  const inner = value[type];
  const path = `${where}.${type}`;
  if (type === "M") {
    return findMapProblem(inner, path, depth + 1);
  }
  if (type === "L") {
    return Array.isArray(inner)
      ? firstOf([...inner.keys()], (index) => findValueProblem(inner[index], `${path}[${index}]`, depth + 1))
      : wrong(path, inner, "an array of attribute values");
  }
  const expected = Object.hasOwn(EXPECTED, type) ? EXPECTED[type] : undefined;
  if (expected === undefined) {
    return `${where} has type ${quote(type)}: expected one of ${[...Object.keys(EXPECTED), "M", "L"].join(", ")}`;
  }
  return expected.holds(inner) ? undefined : wrong(path, inner, expected.says);
}

interface Expected {
  readonly says: string;
  readonly holds: (value: unknown) => boolean;
}

const text: Expected = { says: "a text", holds: (value) => typeof value === "string" };
const digits: Expected = { says: 'a number as text, as "5"', holds: (value) => typeof value === "string" };
const bytes: Expected = { says: "a Uint8Array", holds: (value) => value instanceof Uint8Array };
const boolean: Expected = { says: "true or false", holds: (value) => typeof value === "boolean" };

const EXPECTED: Readonly<Record<string, Expected>> = {
  S: text,
  N: digits,
  B: bytes,
  BOOL: boolean,
  NULL: boolean,
  SS: arrayOf(text),
  NS: arrayOf(digits),
  BS: arrayOf(bytes),
};

function arrayOf({ says, holds }: Expected): Expected {
  // A spread makes the holes of a sparse array visible, which `every` passes over.
  return { says: `an array, each ${says}`, holds: (value) => Array.isArray(value) && [...value].every(holds) };
}

function wrong(where: string, value: unknown, expected: string): string {
  return `${where} is ${value === undefined ? "undefined" : quote(value)}: expected ${expected}`;
}

function firstOf<Key>(keys: readonly Key[], find: (key: Key) => string | undefined): string | undefined {
  for (const key of keys) {
    const problem = find(key);
    if (problem !== undefined) {
      return problem;
    }
  }
  return undefined;
}

/** None whose content is not in its properties: the SDK would write a Map, a Set or a Date as an empty map. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  const isOpaque = Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof Date;
  return typeof value === "object" && value !== null && !isOpaque;
}
