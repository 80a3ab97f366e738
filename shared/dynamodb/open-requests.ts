// Open requests
//
// One item per pipeline that lists its open requests and how far each is. It is
// replaced by compare-and-swap of its revision; a request enters and leaves it in
// one transaction with its own item.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { ReprocessKey } from "../core/ledger/range-ledger.ts";
import type { ReprocessProgress } from "../core/ledger/reprocess-request.ts";
import { type Condition, conditionalUpdate, followsRevision } from "./conditional-write.ts";
import { type Item, openRequestsKey } from "./items/attributes/keys.ts";
import { decodeOpenRequests, encodeOpenRequests, type OpenRequests } from "./items/open-requests-codec.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import { type LedgerStore, type PutOutcome, readItem, updateItem } from "./ledger-store.ts";
import { transact } from "./transact.ts";
import { done, untilStored } from "./until-stored.ts";

export async function readOpenRequests(store: LedgerStore, pipeline: string): Promise<OpenRequests> {
  const item = await readItem(store, openRequestsKey(pipeline));
  return item === undefined ? { pipeline, revision: 0, requests: [] } : decodeOpenRequests(item);
}

/** A change that was applied although its answer was lost is applied to itself: it has to change nothing then. */
export async function changeOpenRequest(
  store: LedgerStore,
  key: ReprocessKey,
  change: (present: ReprocessProgress) => ReprocessProgress | undefined,
): Promise<ReprocessProgress | undefined> {
  return untilStored(store, nameRequest(key), async () => {
    const open = await readOpenRequests(store, key.pipeline);
    const present = open.requests.find(({ requestId }) => requestId === key.requestId);
    const next = present === undefined ? undefined : change(present);
    if (next === undefined) {
      return done(present);
    }
    const { kind } = await replaceList(store, replacement(open, replaceRequest(open, next)));
    return kind === "stored" ? done(next) : { kind: "contended" };
  });
}

export function replaceRequest({ requests }: OpenRequests, next: ReprocessProgress): readonly ReprocessProgress[] {
  const others = requests.filter(({ requestId }) => requestId !== next.requestId);
  return [...others, next].toSorted((a, b) => (a.requestId < b.requestId ? -1 : 1));
}

/** A list that is to take the place of the one that was read. */
export interface ListReplacement {
  readonly item: Item;
  readonly condition: Condition;
}

/** The write that puts `requests` in the place of what was read. */
export function replacement(
  { pipeline, revision }: OpenRequests,
  requests: readonly ReprocessProgress[],
): ListReplacement {
  const next = revision + 1;
  const item = encodeOpenRequests({ pipeline, revision: next, requests });
  return { item, condition: followsRevision(next) };
}

export function replaceList(store: LedgerStore, { item, condition }: ListReplacement): Promise<PutOutcome> {
  return updateItem(store, { item, optional: [] }, condition);
}

export type MoveOutcome =
  | { readonly kind: "stored" }
  /** The request's own write was refused; `present` is its item. */
  | { readonly kind: "refused"; readonly present: Item | undefined }
  /** The list changed meanwhile, or another write was in the way. */
  | { readonly kind: "contended" };

/** Writes a request's own item and the list in one transaction. */
export async function moveRequest(
  store: LedgerStore,
  own: TransactWriteItem,
  { item, condition }: ListReplacement,
): Promise<MoveOutcome> {
  const action = `write to table ${store.tableName}`;
  const list = { Update: conditionalUpdate(store, { item, optional: [] }, condition) };
  const outcome = await transact(store, { own, others: [list], action });
  if (outcome.kind !== "otherRefused") {
    return outcome;
  }
  if (outcome.reason.Code === "ConditionalCheckFailed") {
    return { kind: "contended" };
  }
  throw translateLedgerError(outcome.cause, action);
}

/** For messages. */
export function nameRequest({ pipeline, requestId }: ReprocessKey): string {
  return `reprocess request ${requestId} of ${pipeline}`;
}
