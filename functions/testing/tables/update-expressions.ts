// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { addNumbers, ExpressionFault, elementsOf, type SetElements, typeOf } from "./attribute-values.ts";
import { type ExpressionNames, ExpressionReader, type Item, type Path, valueAt } from "./expression-reader.ts";

/** The item after the update. Every clause sees it as it was before. Throws ExpressionFault where the item does not fit. */
export function applyUpdate(before: Item, expression: string, names: ExpressionNames): Item {
  const reader = new ExpressionReader(expression, names);
  const writes: Write[] = [];
  while (!reader.isAtEnd) {
    const verb = reader.take().toUpperCase();
    do {
      writes.push(readWrite(verb, before, reader));
    } while (reader.takeIf(","));
  }
  // What is removed from a list comes last, from its end on, so that no index moves under another write.
  const removals = writes.filter(({ value }) => value === undefined).toSorted((a, b) => lastIndex(b) - lastIndex(a));
  const others = writes.filter(({ value }) => value !== undefined);
  return [...others, ...removals].reduce((item, { path, value }) => writeAt(item, path, value), before);
}

interface Write {
  readonly path: Path;
  /** Undefined where the attribute is removed. */
  readonly value: AttributeValue | undefined;
}

function lastIndex({ path }: Write): number {
  const last = path.at(-1);
  return typeof last === "number" ? last : -1;
}

function readWrite(verb: string, before: Item, reader: ExpressionReader): Write {
  const path = reader.path();
  const present = valueAt(before, path);
  switch (verb) {
    case "SET":
      reader.expect("=");
      return { path, value: readSum(before, reader) };
    case "REMOVE":
      return { path, value: undefined };
    case "ADD":
      return { path, value: add(present, reader.value()) };
    case "DELETE":
      return { path, value: without(present, reader.value()) };
    default:
      return reader.fail();
  }
}

function readSum(before: Item, reader: ExpressionReader): AttributeValue {
  const left = readOperand(before, reader);
  const sign = reader.takeIf("+") ? 1n : reader.takeIf("-") ? -1n : undefined;
  if (sign === undefined) {
    return left;
  }
  const right = readOperand(before, reader);
  if (left.N === undefined || right.N === undefined) {
    throw new ExpressionFault(`an operand of + or - has type ${typeOf(left.N === undefined ? left : right)}`);
  }
  return { N: addNumbers(left.N, right.N, sign) };
}

function readOperand(before: Item, reader: ExpressionReader): AttributeValue {
  if (reader.peek().startsWith(":")) {
    return reader.value();
  }
  const isCall = reader.peek(1) === "(";
  if (isCall && reader.takeIf("IF_NOT_EXISTS")) {
    reader.expect("(");
    const present = valueAt(before, reader.path());
    reader.expect(",");
    const otherwise = readOperand(before, reader);
    reader.expect(")");
    return present ?? otherwise;
  }
  if (isCall && reader.takeIf("LIST_APPEND")) {
    reader.expect("(");
    const first = readOperand(before, reader);
    reader.expect(",");
    const second = readOperand(before, reader);
    reader.expect(")");
    if (first.L === undefined || second.L === undefined) {
      throw new ExpressionFault("an operand of list_append is no list");
    }
    return { L: [...first.L, ...second.L] };
  }
  const path = reader.path();
  const value = valueAt(before, path);
  if (value === undefined) {
    throw new ExpressionFault(`the item has no attribute ${path.join(".")}, which the update reads`);
  }
  return value;
}

function add(present: AttributeValue | undefined, added: AttributeValue): AttributeValue {
  const [set, more] = [present && elementsOf(present), elementsOf(added)];
  if (added.N !== undefined && (present === undefined || present.N !== undefined)) {
    return { N: addNumbers(present?.N ?? "0", added.N) };
  }
  if (more === undefined || (present !== undefined && set?.type !== more.type)) {
    throw new ExpressionFault(`ADD of type ${typeOf(added)} to ${present === undefined ? "nothing" : typeOf(present)}`);
  }
  const elements = [...(set?.elements ?? []), ...more.elements];
  return toSet({ type: more.type, elements: elements.filter(isFirst) });
}

function isFirst({ id }: { readonly id: string }, index: number, all: readonly { readonly id: string }[]): boolean {
  return all.findIndex((other) => other.id === id) === index;
}

function without(present: AttributeValue | undefined, taken: AttributeValue): AttributeValue | undefined {
  const [set, less] = [present && elementsOf(present), elementsOf(taken)];
  if (less === undefined || (present !== undefined && set?.type !== less.type)) {
    throw new ExpressionFault(`DELETE of type ${typeOf(taken)}`);
  }
  const left = set?.elements.filter(({ id }) => less.elements.every((one) => one.id !== id)) ?? [];
  return left.length === 0 ? undefined : toSet({ type: less.type, elements: left });
}

function toSet({ type, elements }: SetElements): AttributeValue {
  // Of its own type each, as they were read.
  return { [type]: elements.map(({ element }) => element) } as unknown as AttributeValue;
}

function writeAt(item: Item, [first, ...rest]: Path, value: AttributeValue | undefined): Item {
  const name = String(first);
  const written = rest.length === 0 ? value : writeWithin(item[name], rest, value);
  const { [name]: _, ...others } = item;
  return written === undefined ? others : { ...others, [name]: written };
}

function writeWithin(
  parent: AttributeValue | undefined,
  path: Path,
  value: AttributeValue | undefined,
): AttributeValue {
  const [first, ...rest] = path;
  if (parent?.M !== undefined && typeof first === "string") {
    return { M: writeAt(parent.M, path, value) };
  }
  if (parent?.L !== undefined && typeof first === "number") {
    const list = [...parent.L];
    const written = rest.length === 0 ? value : writeWithin(list[first], rest, value);
    // Beyond its end a list grows by one.
    list.splice(first, 1, ...(written === undefined ? [] : [written]));
    return { L: list };
  }
  throw new ExpressionFault(`the item has nothing at ${path.join(".")} to be written into`);
}
