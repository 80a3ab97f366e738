// Expressions
//
// The part of DynamoDB's condition and update expressions that is in use. What it
// does not know it refuses, so that a condition is never taken for true unread.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, AttributeValue>;

/** The common shape of a put, an update, a delete and a condition check. */
export interface ItemExpression {
  readonly Item?: Item | undefined;
  readonly Key?: Item | undefined;
  readonly ConditionExpression?: string | undefined;
  readonly UpdateExpression?: string | undefined;
  readonly ExpressionAttributeNames?: Record<string, string> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

/** Whether the condition holds for the item; AND binds closer than OR, and there are no parentheses. */
export function holds(item: Item | undefined, expression: ItemExpression): boolean {
  const { ConditionExpression } = expression;
  return (
    ConditionExpression === undefined ||
    ConditionExpression.split(" OR ").some((all) =>
      all.split(" AND ").every((term) => holdsTerm(item, term, expression)),
    )
  );
}

function holdsTerm(item: Item | undefined, term: string, expression: ItemExpression): boolean {
  const [, not, existing] = /^attribute_(not_)?exists\((#?\w+)\)$/.exec(term) ?? [];
  if (existing !== undefined) {
    return (attributeOf(item, existing, expression) === undefined) === (not !== undefined);
  }
  const [, name, operator, value] = /^(#?\w+) (=|<>|<=?|>=?) (:\w+)$/.exec(term) ?? [];
  if (name === undefined || operator === undefined || value === undefined) {
    throw new Error(`the simulated table cannot evaluate ${term}`);
  }
  const left = attributeOf(item, name, expression);
  return left !== undefined && compares(compare(left, givenValue(value, expression)), operator);
}

/** SET and ADD of whole attributes, and REMOVE. */
export function applyUpdate(before: Item, expression: ItemExpression): Item {
  const after = { ...before };
  for (const [, verb, list] of (expression.UpdateExpression ?? "").matchAll(
    /(SET|ADD|REMOVE) (.*?)(?= SET| ADD| REMOVE|$)/g,
  )) {
    for (const part of (list ?? "").split(",").map((one) => one.trim())) {
      const [, name, value] = /^(#?\w+)(?: =)?(?: (:\w+))?$/.exec(part) ?? [];
      if (name === undefined) {
        throw new Error(`the simulated table cannot apply ${verb} ${part}`);
      }
      const attribute = expression.ExpressionAttributeNames?.[name] ?? name;
      if (verb === "REMOVE") {
        delete after[attribute];
      } else {
        const given = givenValue(value ?? "", expression);
        after[attribute] = verb === "SET" ? given : sum(after[attribute], given);
      }
    }
  }
  return after;
}

function sum(a: AttributeValue | undefined, b: AttributeValue): AttributeValue {
  return { N: (BigInt(a?.N ?? "0") + BigInt(b.N ?? "0")).toString() };
}

function attributeOf(item: Item | undefined, name: string, expression: ItemExpression): AttributeValue | undefined {
  return item?.[expression.ExpressionAttributeNames?.[name] ?? name];
}

function givenValue(name: string, { ExpressionAttributeValues }: ItemExpression): AttributeValue {
  const value = ExpressionAttributeValues?.[name];
  if (value === undefined) {
    throw new Error(`the expression has no value ${name}`);
  }
  return value;
}

/** Undefined where the types differ: then only <> holds. */
function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.N !== undefined && b.N !== undefined) {
    const difference = BigInt(a.N) - BigInt(b.N);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return a.S === undefined || b.S === undefined ? undefined : a.S < b.S ? -1 : a.S > b.S ? 1 : 0;
}

function compares(order: number | undefined, operator: string): boolean {
  switch (operator) {
    case "=":
      return order === 0;
    case "<>":
      return order !== 0;
    case "<":
      return order === -1;
    case "<=":
      return order === -1 || order === 0;
    case ">":
      return order === 1;
    default:
      return order === 1 || order === 0;
  }
}
