// Item reader
//
// Reads the attributes of one stored item, each as exactly one type. Within a map or a
// list an attribute that nobody reads is an error as well: a write replaces the whole of
// it and would drop that attribute.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { LedgerIntegrityError } from "../../../core/errors.ts";
import { CRITICAL_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../../core/ledger/ledger-table.ts";
import type { Item } from "./keys.ts";

export class ItemReader {
  readonly #item: Item;
  readonly #unread: Set<string>;
  readonly #where: string;

  constructor(item: Item, where = `item ${item[PARTITION_KEY]?.S} / ${item[SORT_KEY]?.S}`) {
    this.#item = item;
    this.#unread = new Set(Object.keys(item));
    this.#where = where;
  }

  has(name: string): boolean {
    return this.#item[name] !== undefined;
  }

  text(name: string): string {
    return this.#read(name, "string", (value) => value.S);
  }

  /** Exact at any magnitude: DynamoDB sends numbers as decimal text. */
  bigint(name: string): bigint {
    return BigInt(this.#read(name, "whole number", ({ N }) => (N !== undefined && /^-?\d+$/.test(N) ? N : undefined)));
  }

  integer(name: string): number {
    const value = Number(this.bigint(name));
    if (!Number.isSafeInteger(value)) {
      throw this.error(`attribute ${name} is ${value}, beyond the integers that a number holds exactly`);
    }
    return value;
  }

  /** In double precision. */
  double(name: string): number {
    const isDecimal = (text: string) => /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text);
    return Number(this.#read(name, "number", ({ N }) => (N !== undefined && isDecimal(N) ? N : undefined)));
  }

  flag(name: string): boolean {
    return this.#read(name, "boolean", (value) => value.BOOL);
  }

  bytes(name: string): Uint8Array {
    return this.#read(name, "binary", (value) => value.B);
  }

  optionalInteger(name: string): number | undefined {
    return this.has(name) ? this.integer(name) : undefined;
  }

  map(name: string): ItemReader {
    const map = this.#read(name, "map", (value) => value.M);
    return new ItemReader(map, `${this.#where}, ${name}`);
  }

  maps(name: string): readonly ItemReader[] {
    const list = this.#read(name, "list", (value) => value.L);
    return list.map((element, index) => new ItemReader(element.M ?? {}, `${this.#where}, ${name}[${index}]`));
  }

  texts(name: string): readonly string[] {
    return this.#read(name, "list of texts", ({ L }) => {
      const texts = L?.map(({ S }) => S);
      return texts?.every((text) => text !== undefined) === true ? texts : undefined;
    });
  }

  /** Throws LedgerIntegrityError unless every attribute was read. */
  close(): void {
    if (this.#unread.size > 0) {
      throw this.error(`unknown attributes ${[...this.#unread].join(", ")}; if newer code wrote it, deploy that code`);
    }
  }

  /**
   * Throws LedgerIntegrityError where what was not read is what the item's writer calls critical (IC6). Whatever else
   * was not read is left as it stands by the writes of conditional-write.ts.
   */
  closeItem(): void {
    const critical = this.has(CRITICAL_ATTRIBUTE)
      ? this.#read(CRITICAL_ATTRIBUTE, "set of strings", ({ SS }) => SS)
      : [];
    const unknown = critical.filter((name) => this.#unread.has(name));
    if (unknown.length > 0) {
      throw this.error(`it has ${unknown.join(", ")}, which this code does not know; deploy the code that wrote it`);
    }
  }

  error(what: string, cause?: unknown): LedgerIntegrityError {
    return new LedgerIntegrityError(`${this.#where} of the ledger cannot be read: ${what}`, { cause });
  }

  #read<Value>(name: string, type: string, pick: (value: AttributeValue) => Value | undefined): Value {
    const value = this.#item[name];
    if (value === undefined) {
      throw this.error(`attribute ${name} is missing`);
    }
    const picked = pick(value);
    if (picked === undefined) {
      throw this.error(`attribute ${name} is not a ${type}`);
    }
    this.#unread.delete(name);
    return picked;
  }
}
