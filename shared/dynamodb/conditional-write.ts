// Conditional write
//
// How an item is written, under a condition. A new item is put; one that is there is
// updated, by the attributes that this code knows: what a newer release added stays (IC5).

import { PARTITION_KEY, SORT_KEY } from "../core/ledger/ledger-table.ts";
import type { Item } from "./items/attributes/keys.ts";

export interface Condition {
  readonly expression: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

/** An item as it is to be, of a kind of which these attributes are optional. */
export interface ItemState {
  readonly item: Item;
  readonly optional: readonly string[];
}

/** The table and the condition, as PutItem, UpdateItem and TransactWriteItems all spell them. */
function underCondition(tableName: string, { expression, names = {}, values = {} }: Condition) {
  return {
    TableName: tableName,
    ConditionExpression: expression,
    ...(Object.keys(names).length === 0 ? {} : { ExpressionAttributeNames: { ...names } }),
    ...(Object.keys(values).length === 0 ? {} : { ExpressionAttributeValues: values }),
    ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
  };
}

export function conditionalPut({ tableName }: { readonly tableName: string }, item: Item, condition: Condition) {
  return { ...underCondition(tableName, condition), Item: item };
}

/** Sets every attribute of the item, and removes the optional ones that it has not. */
export function conditionalUpdate(
  { tableName }: { readonly tableName: string },
  { item, optional }: ItemState,
  { expression, names, values }: Condition,
) {
  const { [PARTITION_KEY]: partitionKey, [SORT_KEY]: sortKey, ...attributes } = item;
  const set = Object.entries(attributes);
  const removed = optional.filter((name) => attributes[name] === undefined);
  const verbs = [
    `SET ${set.map((_, index) => `#s${index} = :s${index}`).join(", ")}`,
    ...(removed.length === 0 ? [] : [`REMOVE ${removed.map((_, index) => `#r${index}`).join(", ")}`]),
  ];
  return {
    ...underCondition(tableName, {
      expression,
      names: {
        ...names,
        ...Object.fromEntries(set.map(([name], index) => [`#s${index}`, name])),
        ...Object.fromEntries(removed.map((name, index) => [`#r${index}`, name])),
      },
      values: { ...values, ...Object.fromEntries(set.map(([, value], index) => [`:s${index}`, value])) },
    }),
    Key: { [PARTITION_KEY]: partitionKey, [SORT_KEY]: sortKey } as Item,
    UpdateExpression: verbs.join(" "),
  };
}

/** Holds while there is no such item. */
export const keyIsFree: Condition = {
  expression: "attribute_not_exists(#key)",
  names: { "#key": PARTITION_KEY },
};

/** Holds while the stored item is of the revision before this one; for the first one, while there is none. */
export function followsRevision(revision: number): Condition {
  return revision === 1
    ? keyIsFree
    : {
        expression: "#revision = :previous",
        names: { "#revision": "revision" },
        values: { ":previous": { N: (revision - 1).toString() } },
      };
}
