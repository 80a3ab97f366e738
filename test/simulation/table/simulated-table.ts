// Simulated table
//
// A DynamoDB table as far as the ledger and the outputs use one: conditional puts,
// updates, transactions, reads and queries, each atomic. It knows no faults; those
// are the client's (simulated-dynamodb.ts).

import {
  type CancellationReason,
  ConditionalCheckFailedException,
  type QueryCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
} from "@aws-sdk/client-dynamodb";
import { PARTITION_KEY, SORT_KEY } from "../../../shared/core/ledger/ledger-table.ts";
import { applyUpdate, holds, type Item, type ItemExpression } from "./expressions.ts";

export interface TableWrite {
  readonly key: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

/** What a transaction's action and a single put or update have in common. */
export type Action = Readonly<
  Partial<Record<"Put" | "Update" | "Delete" | "ConditionCheck", ItemExpression | undefined>>
>;

export class SimulatedTable {
  readonly #items = new Map<string, Map<string, Item>>();

  /** All or nothing: answers what was written, or throws as DynamoDB does. */
  transact(actions: readonly TransactWriteItem[]): readonly TableWrite[] {
    const reasons = actions.map((action): CancellationReason => {
      const expression = expressionOf(action);
      const present = this.get(keyOf(expression));
      return holds(present, expression)
        ? { Code: "None" }
        : { Code: "ConditionalCheckFailed", ...(present === undefined ? {} : { Item: present }) };
    });
    if (reasons.some(({ Code }) => Code !== "None")) {
      throw new TransactionCanceledException({
        message: "cancelled",
        $metadata: {},
        CancellationReasons: reasons,
      });
    }
    return actions.flatMap((action) => this.#write(action));
  }

  /** One conditional put or update. */
  write(action: Action): readonly TableWrite[] {
    const expression = expressionOf(action);
    const present = this.get(keyOf(expression));
    if (!holds(present, expression)) {
      throw new ConditionalCheckFailedException({
        message: "the conditional request failed",
        $metadata: {},
        ...(present === undefined ? {} : { Item: present }),
      });
    }
    return this.#write(action);
  }

  get(key: Item): Item | undefined {
    const [partition, sort] = partsOf(key);
    return this.#items.get(partition)?.get(sort);
  }

  /** By ascending sort key unless the input says otherwise. */
  query(input: QueryCommandInput): readonly Item[] {
    const values = input.ExpressionAttributeValues ?? {};
    const prefix = values[":prefix"]?.S ?? "";
    const [first, last] = [values[":first"]?.S, values[":last"]?.S];
    const found = [...(this.#items.get(values[":partitionKey"]?.S ?? "") ?? [])]
      .filter(([sort]) => sort.startsWith(prefix))
      .filter(([sort]) => first === undefined || last === undefined || (first <= sort && sort <= last))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, item]) => item);
    const ordered = input.ScanIndexForward === false ? found.reverse() : found;
    return ordered.slice(0, input.Limit ?? ordered.length);
  }

  all(): readonly Item[] {
    return [...this.#items.values()].flatMap((items) => [...items.values()]);
  }

  remove(item: Item): void {
    const [partition, sort] = partsOf(item);
    this.#items.get(partition)?.delete(sort);
  }

  #write(action: Action): readonly TableWrite[] {
    const expression = expressionOf(action);
    const key = keyOf(expression);
    const before = this.get(key);
    if (action.ConditionCheck !== undefined) {
      return [];
    }
    const after = afterOf(action, before);
    const [partition, sort] = partsOf(key);
    if (after === undefined) {
      this.remove(key);
    } else {
      const items = this.#items.get(partition) ?? new Map<string, Item>();
      this.#items.set(partition, items.set(sort, after));
    }
    return [{ key: `${partition} ${sort}`, before, after }];
  }
}

function afterOf({ Put, Update }: Action, before: Item | undefined): Item | undefined {
  if (Put !== undefined) {
    return Put.Item;
  }
  return Update === undefined ? undefined : applyUpdate(before ?? { ...Update.Key }, Update);
}

function expressionOf({ Put, Update, Delete, ConditionCheck }: Action): ItemExpression {
  const expression = Put ?? Update ?? Delete ?? ConditionCheck;
  if (expression === undefined) {
    throw new Error("an action of a transaction does nothing");
  }
  return expression;
}

function keyOf({ Item, Key }: ItemExpression): Item {
  return Item ?? Key ?? {};
}

function partsOf(key: Item): readonly [partition: string, sort: string] {
  const [partition, sort] = [key[PARTITION_KEY]?.S, key[SORT_KEY]?.S];
  if (partition === undefined || sort === undefined) {
    throw new Error(`${JSON.stringify(key)} has no key`);
  }
  return [partition, sort];
}
