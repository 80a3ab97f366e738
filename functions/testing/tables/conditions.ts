// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { compare, elementsOf, isEqual, typeOf } from "./attribute-values.ts";
import { type ExpressionNames, ExpressionReader, type Item, valueAt } from "./expression-reader.ts";

/** Whether the condition holds for the item as it is; an absent one holds. */
export function holds(item: Item | undefined, expression: string | undefined, names: ExpressionNames): boolean {
  if (expression === undefined) {
    return true;
  }
  const condition = new Condition(item, new ExpressionReader(expression, names));
  return condition.read();
}

class Condition {
  readonly #item: Item | undefined;
  readonly #reader: ExpressionReader;

  constructor(item: Item | undefined, reader: ExpressionReader) {
    this.#item = item;
    this.#reader = reader;
  }

  read(): boolean {
    const result = this.#any();
    return this.#reader.isAtEnd ? result : this.#reader.fail();
  }

  #any(): boolean {
    let result = this.#all();
    while (this.#reader.takeIf("OR")) {
      // Both sides are read, whatever the first one says.
      const other = this.#all();
      result ||= other;
    }
    return result;
  }

  #all(): boolean {
    let result = this.#one();
    while (this.#reader.takeIf("AND")) {
      const other = this.#one();
      result &&= other;
    }
    return result;
  }

  #one(): boolean {
    if (this.#reader.takeIf("NOT")) {
      return !this.#one();
    }
    if (this.#reader.takeIf("(")) {
      const result = this.#any();
      this.#reader.expect(")");
      return result;
    }
    return this.#reader.peek(1) === "(" && this.#reader.peek() !== "SIZE" ? this.#test() : this.#comparison();
  }

  #test(): boolean {
    const name = this.#reader.take().toUpperCase();
    this.#reader.expect("(");
    const value = valueAt(this.#item, this.#reader.path());
    const result = this.#holds(name, value);
    this.#reader.expect(")");
    return result;
  }

  #holds(name: string, value: AttributeValue | undefined): boolean {
    switch (name) {
      case "ATTRIBUTE_EXISTS":
        return value !== undefined;
      case "ATTRIBUTE_NOT_EXISTS":
        return value === undefined;
    }
    this.#reader.expect(",");
    const other = this.#operand();
    switch (name) {
      case "ATTRIBUTE_TYPE":
        return value !== undefined && typeOf(value) === other?.S;
      case "BEGINS_WITH":
        return beginsWith(value, other);
      case "CONTAINS":
        return contains(value, other);
      default:
        return this.#reader.fail();
    }
  }

  #comparison(): boolean {
    const left = this.#operand();
    if (this.#reader.takeIf("BETWEEN")) {
      const low = this.#operand();
      this.#reader.expect("AND");
      const high = this.#operand();
      return (compare(left, low) ?? -1) >= 0 && (compare(left, high) ?? 1) <= 0;
    }
    if (this.#reader.takeIf("IN")) {
      this.#reader.expect("(");
      let isIn = isEqual(left, this.#operand());
      while (this.#reader.takeIf(",")) {
        const equal = isEqual(left, this.#operand());
        isIn ||= equal;
      }
      this.#reader.expect(")");
      return isIn;
    }
    const operator = this.#reader.take();
    return this.#compares(operator, left, this.#operand());
  }

  #compares(operator: string, left: AttributeValue | undefined, right: AttributeValue | undefined): boolean {
    const order = compare(left, right);
    switch (operator) {
      case "=":
        return isEqual(left, right);
      case "<>":
        // Also for an attribute that is not there.
        return !isEqual(left, right);
      case "<":
        return order !== undefined && order < 0;
      case "<=":
        return order !== undefined && order <= 0;
      case ">":
        return order !== undefined && order > 0;
      case ">=":
        return order !== undefined && order >= 0;
      default:
        return this.#reader.fail();
    }
  }

  #operand(): AttributeValue | undefined {
    if (this.#reader.peek().startsWith(":")) {
      return this.#reader.value();
    }
    if (this.#reader.peek() === "SIZE" && this.#reader.peek(1) === "(") {
      this.#reader.take();
      this.#reader.expect("(");
      const size = sizeOf(valueAt(this.#item, this.#reader.path()));
      this.#reader.expect(")");
      return size === undefined ? undefined : { N: size.toString() };
    }
    return valueAt(this.#item, this.#reader.path());
  }
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) {
    return value.S.startsWith(prefix.S);
  }
  return value?.B !== undefined && prefix?.B !== undefined
    ? Buffer.from(value.B).subarray(0, prefix.B.length).equals(prefix.B)
    : false;
}

function contains(value: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (value === undefined || part === undefined) {
    return false;
  }
  if (value.S !== undefined) {
    return part.S !== undefined && value.S.includes(part.S);
  }
  const set = elementsOf(value);
  if (set === undefined) {
    return (value.L ?? []).some((element) => isEqual(element, part));
  }
  const wanted = elementsOf(setOf(part))?.elements[0]?.id;
  return typeOf(part) === set.type[0] && set.elements.some(({ id }) => id === wanted);
}

function setOf(value: AttributeValue): AttributeValue {
  const { S, N, B } = value;
  return S !== undefined ? { SS: [S] } : N !== undefined ? { NS: [N] } : B !== undefined ? { BS: [B] } : value;
}

function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value?.S !== undefined) {
    return Buffer.byteLength(value.S);
  }
  const elements = value === undefined ? undefined : elementsOf(value)?.elements;
  return value?.B?.length ?? value?.L?.length ?? elements?.length ?? (value?.M && Object.keys(value.M).length);
}
