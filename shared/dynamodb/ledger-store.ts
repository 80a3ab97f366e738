// Ledger store
//
// The calls of DynamoDB that the verbs share. Every read is consistent: what the
// ledger does not show may be planned a second time.

import { LedgerIntegrityError } from "../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../core/ledger/ledger-table.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type DynamoDBCalls, isConditionRefusal, isConflict } from "./calls/dynamodb-calls.ts";
import { type Condition, conditionalPut, conditionalUpdate, type ItemState } from "./conditional-write.ts";
import type { Item, Listing } from "./items/attributes/keys.ts";
import { decodeRange } from "./items/item-codec.ts";
import { MAX_QUERY_PAGES } from "./items/limits.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import type { KnownTables } from "./outputs/output-refusal.ts";

export interface LedgerStore {
  readonly calls: DynamoDBCalls;
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
  return write(store, () => store.calls.putItem(conditionalPut(store, item, condition)));
}

export function updateItem(store: LedgerStore, state: ItemState, condition: Condition): Promise<PutOutcome> {
  return write(store, () => store.calls.updateItem(conditionalUpdate(store, state, condition)));
}

async function write({ tableName }: LedgerStore, send: () => Promise<void>): Promise<PutOutcome> {
  try {
    await send();
    return { kind: "stored" };
  } catch (error) {
    if (isConditionRefusal(error)) {
      return { kind: "refused", present: error.Item };
    }
    if (isConflict(error)) {
      return { kind: "contended" };
    }
    throw translateLedgerError(error, `write to table ${tableName}`);
  }
}

export async function readItem({ calls, tableName }: LedgerStore, key: Item): Promise<Item | undefined> {
  try {
    const { Item } = await calls.getItem({ TableName: tableName, Key: key, ConsistentRead: true });
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

/** The listing's ranges by ascending sort key. */
export async function* listRanges(store: LedgerStore, listing: Listing): AsyncGenerator<RangeRecord, void, undefined> {
  for await (const item of queryItems(store, listing)) {
    yield decodeRange(item);
  }
}

/** The listing's range with the highest sort key. */
export async function readLastRange(store: LedgerStore, listing: Listing): Promise<RangeRecord | undefined> {
  const item = await queryLast(store, listing);
  return item === undefined ? undefined : decodeRange(item);
}

/** The listing's item with the highest sort key. */
async function queryLast(store: LedgerStore, listing: Listing): Promise<Item | undefined> {
  const { items } = await queryPage(store, listing, { last: true });
  return items[0];
}

async function queryPage(
  { calls, tableName }: LedgerStore,
  listing: Listing,
  { startKey, last = false }: { readonly startKey?: Item; readonly last?: boolean },
): Promise<{ readonly items: readonly Item[]; readonly nextKey: Item | undefined }> {
  const { expression, values } = sortKeyCondition(listing);
  try {
    const { Items, LastEvaluatedKey } = await calls.query({
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
    });
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
