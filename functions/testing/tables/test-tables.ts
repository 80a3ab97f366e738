// Test tables
//
// The tables that a pipeline's outputs go to, in memory: what DynamoDB would hold after each
// transaction, as far as items, keys, conditions and updates say it, and what it would refuse.
//
//   TT1  All outputs of a transaction take effect, or none; each condition is held against the
//        items as they were before.
//   TT2  What cannot be evaluated is refused by name, never taken to have happened.

import type { AttributeValue, Delete as DeleteAction, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { listNames, quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError, InvalidOutputError } from "../../../shared/core/errors.ts";
import { findOutputFault } from "../../../shared/dynamodb/outputs/output-faults.ts";
import { actionOf } from "../../../shared/dynamodb/outputs/output-shape.ts";
import { checkOutputs, describeOutput, refusedOutputError } from "../../../shared/dynamodb/outputs/outputs.ts";
import { identify, itemKeyOf, type TableKeys } from "../../../shared/dynamodb/outputs/repeated-item.ts";
import { canonical, ExpressionFault } from "./attribute-values.ts";
import { holds } from "./conditions.ts";
import type { ExpressionNames, Item } from "./expression-reader.ts";
import { applyUpdate } from "./update-expressions.ts";

/** One table of the test, as the code under test names it. */
export interface TestTable {
  /** The partition key's attribute, or those of partition and sort key. */
  readonly key: string | readonly [partitionKey: string, sortKey: string];
  /** What is there before the run, as plain objects. @default - nothing */
  readonly items?: readonly object[];
}

interface StoredTable {
  readonly keys: TableKeys;
  readonly items: Map<string, Item>;
}

export class TestTables {
  readonly #tables = new Map<string, StoredTable>();
  /** What the test itself has to mend; the run ends with it. */
  problem: ConfigurationError | undefined;

  constructor(tables: Readonly<Record<string, TestTable>>) {
    for (const [name, { key, items = [] }] of Object.entries(tables)) {
      const names = typeof key === "string" ? [key] : key;
      const keys = names.map((attribute, index) => ({ name: attribute, isSortKey: index === 1 }));
      this.#tables.set(name, { keys: { keys, types: new Map() }, items: new Map() });
      for (const item of items) {
        const Item = marshall(item, { removeUndefinedValues: true });
        this.#put({ Put: { TableName: name, Item } }, Item);
      }
    }
  }

  /** Throws what the ledger throws of outputs that DynamoDB refuses. */
  write(outputs: readonly TransactWriteItem[]): void {
    const keysOf = (name: string) => this.#find(name)?.keys;
    checkOutputs(outputs, keysOf);
    try {
      outputs.forEach((output) => {
        this.#tableOf(output);
      });
      const fault = findOutputFault(outputs, keysOf);
      if (fault !== undefined) {
        const { index, why } = fault;
        throw new InvalidOutputError(`${describeOutput(outputs, index)}, cannot be written, and nothing was: ${why}`, {
          outputIndex: index,
        });
      }
      const after = outputs.map((output, index) => this.#after(outputs, output, index));
      outputs.forEach((output, index) => {
        this.#put(output, after[index]);
      });
    } catch (error) {
      if (error instanceof ConfigurationError) {
        this.problem ??= error;
      }
      throw error;
    }
  }

  /** Every table's items as plain objects, by key. */
  items(): Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>> {
    const tables = [...this.#tables].map(([name, { items }]) => {
      const sorted = [...items].toSorted(([a], [b]) => (a < b ? -1 : 1));
      return [name, sorted.map(([, item]) => unmarshall(item))] as const;
    });
    return Object.fromEntries(tables);
  }

  /** What differs from the other tables, in sentences. */
  compare(other: TestTables): readonly string[] {
    return [...this.#tables].flatMap(([name, { items }]) => {
      const others = other.#tables.get(name)?.items ?? new Map<string, Item>();
      const keys = [...new Set([...items.keys(), ...others.keys()])].toSorted();
      return keys.flatMap((key) => {
        const [own, theirs] = [items.get(key), others.get(key)];
        return own && theirs && canonical({ M: own }) === canonical({ M: theirs })
          ? []
          : [`table ${name}: ${show(own)} instead of ${show(theirs)}`];
      });
    });
  }

  #after(outputs: readonly TransactWriteItem[], output: TransactWriteItem, index: number): Item | undefined {
    const { Put, Update, Delete, ConditionCheck } = output;
    const names: Pick<DeleteAction, "ConditionExpression"> & ExpressionNames =
      Put ?? Update ?? Delete ?? ConditionCheck ?? {};
    const before = this.#tableOf(output).items.get(this.#idOf(output));
    const refuse = (Code: string, Message: string) =>
      refusedOutputError(outputs, { index, reason: { Code, Message }, cause: new Error(Message) });
    try {
      if (!holds(before, names.ConditionExpression, names)) {
        throw refuse("ConditionalCheckFailed", "the conditional request failed");
      }
      return (
        Put?.Item ??
        (Update === undefined
          ? ConditionCheck && before
          : applyUpdate(before ?? Update.Key ?? {}, Update.UpdateExpression ?? "", names))
      );
    } catch (error) {
      throw error instanceof ExpressionFault ? refuse("ValidationError", error.message) : error;
    }
  }

  #put(output: TransactWriteItem, item: Item | undefined): void {
    const { items } = this.#tableOf(output);
    const id = this.#idOf(output);
    if (item === undefined) {
      items.delete(id);
    } else {
      // The code may change its own object later.
      items.set(id, structuredClone(item));
    }
  }

  #idOf(output: TransactWriteItem): string {
    return identify(itemKeyOf(output, (name) => this.#find(name)?.keys) ?? {});
  }

  #tableOf(output: TransactWriteItem): StoredTable {
    const { tableName } = actionOf(output);
    const table = this.#find(tableName);
    if (table === undefined) {
      const known = [...this.#tables.keys()];
      throw new ConfigurationError(
        `the code writes to table ${quote(tableName)}, and runRange has ${known.length === 0 ? "no tables" : `only ${listNames(known)}`}: name its key, as tables: { ${JSON.stringify(tableName)}: { key: "id" } }`,
      );
    }
    return table;
  }

  /** By its name, also where an ARN says it. */
  #find(name: string): StoredTable | undefined {
    return this.#tables.get(name) ?? this.#tables.get(name.replace(/^arn:.*:table\//, ""));
  }
}

function show(item: Readonly<Record<string, AttributeValue>> | undefined): string {
  return item === undefined ? "nothing" : quote(unmarshall(item));
}
