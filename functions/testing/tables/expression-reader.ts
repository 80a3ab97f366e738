// Expression reader
//
// DynamoDB's expressions, token by token, and the values that they speak of. What it
// does not know it refuses, so that a condition is never taken for true unread.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { ExpressionFault } from "./attribute-values.ts";
import { isReserved } from "./reserved-words.ts";

export type Item = Readonly<Record<string, AttributeValue>>;

/** Attribute names, and indexes of lists, from the outside in. */
export type Path = readonly (string | number)[];

/** What an action has beside its expression. */
export interface ExpressionNames {
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>> | undefined;
  readonly ExpressionAttributeValues?: Item | undefined;
}

export class ExpressionReader {
  readonly #text: string;
  readonly #names: ExpressionNames;
  readonly #tokens: readonly string[];
  #next = 0;

  constructor(text: string, names: ExpressionNames) {
    this.#text = text;
    this.#names = names;
    this.#tokens = text.match(/\s*(<>|<=|>=|[=<>(),+\-.[\]]|[#:]?\w+|\S)\s*/g)?.map((token) => token.trim()) ?? [];
  }

  get isAtEnd(): boolean {
    return this.#next >= this.#tokens.length;
  }

  /** In capitals; keywords are one whatever their letters. */
  peek(ahead = 0): string {
    return (this.#tokens[this.#next + ahead] ?? "").toUpperCase();
  }

  take(): string {
    const token = this.#tokens[this.#next] ?? this.fail();
    this.#next += 1;
    return token;
  }

  /** Whether one of these comes next; then it is taken. */
  takeIf(...tokens: readonly string[]): boolean {
    const isNext = tokens.includes(this.peek());
    this.#next += isNext ? 1 : 0;
    return isNext;
  }

  expect(token: string): void {
    if (!this.takeIf(token)) {
      this.fail();
    }
  }

  path(): Path {
    const parts: (string | number)[] = [this.#name(this.take())];
    while (this.peek() === "." || this.peek() === "[") {
      if (this.takeIf(".")) {
        parts.push(this.#name(this.take()));
      } else {
        this.expect("[");
        parts.push(Number(this.take()));
        this.expect("]");
      }
    }
    return parts;
  }

  /** What `:name` stands for. */
  value(): AttributeValue {
    const name = this.take();
    const value = this.#names.ExpressionAttributeValues?.[name];
    if (value === undefined) {
      throw new ExpressionFault(`ExpressionAttributeValues has no ${name}, which ${quote(this.#text)} names`);
    }
    return value;
  }

  fail(): never {
    const rest = this.#tokens.slice(this.#next).join(" ");
    throw new ConfigurationError(
      `runRange cannot evaluate ${quote(this.#text)}${rest === "" ? "" : ` from ${quote(rest)} on`}; with tables: "unchecked" outputs are compared one by one, and nothing is evaluated`,
    );
  }

  #name(token: string): string {
    if (token.startsWith("#")) {
      const name = this.#names.ExpressionAttributeNames?.[token];
      if (name === undefined) {
        throw new ExpressionFault(`ExpressionAttributeNames has no ${token}, which ${quote(this.#text)} names`);
      }
      return name;
    }
    if (isReserved(token)) {
      throw new ExpressionFault(
        `${token} is a reserved word of DynamoDB: name the attribute by ExpressionAttributeNames, as "#${token}"`,
      );
    }
    return /^[A-Za-z]\w*$/.test(token) ? token : this.fail();
  }
}

export function valueAt(item: Item | undefined, path: Path): AttributeValue | undefined {
  const [first, ...rest] = path;
  let value = item === undefined || first === undefined || !Object.hasOwn(item, first) ? undefined : item[first];
  for (const part of rest) {
    value = typeof part === "number" ? value?.L?.[part] : value?.M?.[part];
  }
  return value;
}
