// Ledger store
//
// The calls of DynamoDB that the verbs share. Every read is consistent: what the
// ledger does not show may be planned a second time.

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionConflictException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { LedgerIntegrityError } from "../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../core/ledger/ledger-table.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import { type Condition, conditionalPut, conditionalUpdate, type ItemState } from "./conditional-write.ts";
import type { Item, Listing } from "./items/keys.ts";
import { MAX_QUERY_PAGES } from "./items/limits.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import type { KnownTables } from "./outputs/output-refusal.ts";

export interface LedgerStore {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** A unique id for a write. */
  readonly newId: () => string;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Of the outputs' tables, as far as they had to be asked for. */
  readonly knownTables: KnownTables;
}

/** `present` is what the condition was held against; undefined where there is no such item. */
export type PutOutcome =
  | { readonly kind: "stored" }
  | { readonly kind: "refused"; readonly present: Item | undefined }
  /** Another write was under way; nothing was stored, and trying again may help. */
  | { readonly kind: "contended" };

export function putItem(store: LedgerStore, item: Item, condition: Condition): Promise<PutOutcome> {
  return write(store, new PutItemCommand(conditionalPut(store, item, condition)));
}

export function updateItem(store: LedgerStore, state: ItemState, condition: Condition): Promise<PutOutcome> {
  return write(store, new UpdateItemCommand(conditionalUpdate(store, state, condition)));
}

async function write(
  { client, tableName }: LedgerStore,
  command: PutItemCommand | UpdateItemCommand,
): Promise<PutOutcome> {
  try {
    await (command instanceof PutItemCommand ? client.send(command) : client.send(command));
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) {
      return { kind: "refused", present: error.Item };
    }
    if (error instanceof TransactionConflictException) {
      return { kind: "contended" };
    }
    throw translateLedgerError(error, `write to table ${tableName}`);
  }
}

export async function readItem({ client, tableName }: LedgerStore, key: Item): Promise<Item | undefined> {
  try {
    const { Item } = await client.send(new GetItemCommand({ TableName: tableName, Key: key, ConsistentRead: true }));
    return Item;
  } catch (error) {
    throw translateLedgerError(error, `read from table ${tableName}`);
  }
}

/** The listing's items by ascending sort key. */
export async function* queryItems(store: LedgerStore, listing: Listing): AsyncGenerator<Item, void, undefined> {
  let startKey: Item | undefined;
  for (let pages = 0; pages < MAX_QUERY_PAGES; pages += 1) {
    const { items, nextKey } = await queryPage(store, listing, omitUndefined({ startKey }));
    yield* items;
    if (nextKey === undefined) {
      return;
    }
    startKey = nextKey;
  }
  throw new LedgerIntegrityError(`${listing.partitionKey} of ${store.tableName} exceeds ${MAX_QUERY_PAGES} pages`);
}

/** The listing's item with the highest sort key. */
export async function queryLast(store: LedgerStore, listing: Listing): Promise<Item | undefined> {
  const { items } = await queryPage(store, listing, { last: true });
  return items[0];
}

async function queryPage(
  { client, tableName }: LedgerStore,
  listing: Listing,
  { startKey, last = false }: { readonly startKey?: Item; readonly last?: boolean },
): Promise<{ readonly items: readonly Item[]; readonly nextKey: Item | undefined }> {
  const { expression, values } = sortKeyCondition(listing);
  try {
    const { Items, LastEvaluatedKey } = await client.send(
      new QueryCommand({
        TableName: tableName,
        ConsistentRead: true,
        KeyConditionExpression: `#partitionKey = :partitionKey${expression}`,
        ExpressionAttributeNames: {
          "#partitionKey": PARTITION_KEY,
          ...(expression === "" ? {} : { "#sortKey": SORT_KEY }),
        },
        ExpressionAttributeValues: { ":partitionKey": { S: listing.partitionKey }, ...values },
        ...(last ? { ScanIndexForward: false, Limit: 1 } : {}),
        ...omitUndefined({ ExclusiveStartKey: startKey }),
      }),
    );
    return { items: Items ?? [], nextKey: LastEvaluatedKey };
  } catch (error) {
    throw translateLedgerError(error, `read from table ${tableName}`);
  }
}

function sortKeyCondition({ prefix, between }: Listing): { readonly expression: string; readonly values: Item } {
  if (between !== undefined) {
    const [first, last] = between;
    return {
      expression: " AND #sortKey BETWEEN :first AND :last",
      values: { ":first": { S: first }, ":last": { S: last } },
    };
  }
  return prefix === undefined
    ? { expression: "", values: {} }
    : { expression: " AND begins_with(#sortKey, :prefix)", values: { ":prefix": { S: prefix } } };
}
