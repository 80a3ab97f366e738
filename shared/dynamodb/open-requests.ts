// Open requests
//
// One item per pipeline that lists its open requests and how far each is. It is
// replaced by compare-and-swap of its revision; a request enters and leaves it in
// one transaction with its own item.

import {
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { LedgerUnavailableError } from "../core/errors.ts";
import type { ReprocessKey } from "../core/ledger/range-ledger.ts";
import type { ReprocessProgress } from "../core/ledger/reprocess-request.ts";
import { MAX_CHANGE_TRIES } from "../core/limits.ts";
import { type Condition, conditionalUpdate, followsRevision } from "./conditional-write.ts";
import { type Item, openRequestsKey } from "./items/keys.ts";
import { decodeOpenRequests, encodeOpenRequests, type OpenRequests } from "./items/open-requests-codec.ts";
import { translateLedgerError } from "./ledger-errors.ts";
import { type LedgerStore, type PutOutcome, pauseAfterContention, readItem, updateItem } from "./ledger-store.ts";
import { transientReasons } from "./outputs/outputs.ts";

export async function readOpenRequests(store: LedgerStore, pipeline: string): Promise<OpenRequests> {
  const item = await readItem(store, openRequestsKey(pipeline));
  return item === undefined ? { pipeline, revision: 0, requests: [] } : decodeOpenRequests(item);
}

/** A change that was applied although its answer was lost is applied to itself: it has to change nothing then. */
export async function changeOpenRequest(
  store: LedgerStore,
  { pipeline, requestId }: ReprocessKey,
  change: (present: ReprocessProgress) => ReprocessProgress | undefined,
): Promise<ReprocessProgress | undefined> {
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const open = await readOpenRequests(store, pipeline);
    const present = open.requests.find((request) => request.requestId === requestId);
    const next = present === undefined ? undefined : change(present);
    if (next === undefined) {
      return present;
    }
    const { kind } = await replaceList(store, replacement(open, replaceRequest(open, next)));
    if (kind === "stored") {
      return next;
    }
    await pauseAfterContention(store, tries);
  }
  throw contended(pipeline, requestId);
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
  try {
    const Update = conditionalUpdate(store, { item, optional: [] }, condition);
    await store.client.send(new TransactWriteItemsCommand({ TransactItems: [own, { Update }] }));
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      const reasons = error.CancellationReasons ?? [];
      const [ofRequest] = reasons;
      if (ofRequest?.Code === "ConditionalCheckFailed") {
        return { kind: "refused", present: ofRequest.Item };
      }
      if (reasons.some(({ Code = "" }) => Code === "ConditionalCheckFailed" || transientReasons.has(Code))) {
        return { kind: "contended" };
      }
    }
    if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException) {
      return { kind: "contended" };
    }
    throw translateLedgerError(error, `write to table ${store.tableName}`);
  }
}

export function contended(pipeline: string, requestId: string): LedgerUnavailableError {
  return new LedgerUnavailableError(
    `other writes were in the way of reprocess request ${requestId} of ${pipeline} in each of ${MAX_CHANGE_TRIES} tries`,
  );
}
