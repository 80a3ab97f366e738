// Store change
//
// Replaces one record by its next revision, alone or in one transaction with the
// outputs that take effect with it (L3).

import {
  type CancellationReason,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { listNames } from "../core/bounded-text.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type Condition, conditionalUpdate, type ItemState } from "./conditional-write.ts";
import { decodeRange, OPTIONAL_RANGE_ATTRIBUTES } from "./items/item-codec.ts";
import { type Item, rangeKey } from "./items/keys.ts";
import { isAnswer, translateLedgerError } from "./ledger-errors.ts";
import { type LedgerStore, type PutOutcome, readItem, updateItem } from "./ledger-store.ts";
import { explainRefusedRequest } from "./outputs/output-refusal.ts";
import { actionOf } from "./outputs/output-shape.ts";
import { findRefusedOutput, type RefusedOutput, refusedOutputError, transientReasons } from "./outputs/outputs.ts";

export interface Change {
  readonly current: RangeRecord;
  readonly next: Item;
  readonly outputs: readonly TransactWriteItem[];
}

export type StoreOutcome =
  | { readonly kind: "stored"; readonly record: RangeRecord }
  /** The record is no longer the one that was seen. */
  | { readonly kind: "overtaken"; readonly present: RangeRecord | undefined }
  | { readonly kind: "contended"; readonly cause: Error };

/** Throws OutputRefusedError, InvalidOutputError, OutputLimitError or ConfigurationError for an output that DynamoDB does not take. */
export async function storeChange(store: LedgerStore, change: Change): Promise<StoreOutcome> {
  const condition = isStill(change.current);
  const outcome = await (change.outputs.length === 0
    ? updateItem(store, stateOf(change), condition)
    : transact(store, change, condition));
  switch (outcome.kind) {
    case "stored":
      return { kind: "stored", record: decodeRange(change.next) };
    case "refused":
      return { kind: "overtaken", present: outcome.present === undefined ? undefined : decodeRange(outcome.present) };
    case "contended":
      return outcome;
    case "outputRefused":
      return explainRefusal(store, change, outcome);
  }
}

/**
 * Whether the record is untouched. The revision alone would not tell: a range that
 * takes its ANCHOR's place begins at the same revision again.
 */
function isStill({ revision, writeId }: RangeRecord): Condition {
  return {
    expression: "#revision = :revision AND #writeId = :writeId",
    names: { "#revision": "revision", "#writeId": "writeId" },
    values: { ":revision": { N: revision.toString() }, ":writeId": { S: writeId } },
  };
}

type TransactOutcome = PutOutcome | RefusedOutput;

function stateOf({ next }: Change): ItemState {
  return { item: next, optional: OPTIONAL_RANGE_ATTRIBUTES };
}

async function transact(store: LedgerStore, change: Change, condition: Condition): Promise<TransactOutcome> {
  const { outputs } = change;
  try {
    // The SDK adds a token that is good for ten minutes; only the condition holds for ever.
    const command = new TransactWriteItemsCommand({
      TransactItems: [{ Update: conditionalUpdate(store, stateOf(change), condition) }, ...outputs],
    });
    await store.client.send(command);
    return { kind: "stored" };
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      return readReasons(error, error.CancellationReasons ?? []);
    }
    if (error instanceof TransactionConflictException || error instanceof TransactionInProgressException) {
      return { kind: "contended", cause: error };
    }
    const refusal = isAnswer(error) ? await explainRefusedRequest(store.client, outputs, error) : undefined;
    const what = `commit to table ${store.tableName}, with ${outputs.length} outputs to ${listNames(tablesOf(outputs))}`;
    throw refusal ?? translateLedgerError(error, what);
  }
}

function tablesOf(outputs: readonly TransactWriteItem[]): readonly string[] {
  return [...new Set(outputs.map((output) => actionOf(output).tableName))];
}

/** One reason per action, in the order of the request; the range record's comes first. */
function readReasons(error: Error, [ofRecord, ...ofOutputs]: readonly CancellationReason[]): TransactOutcome {
  if (ofRecord?.Code === "ConditionalCheckFailed") {
    return { kind: "refused", present: ofRecord.Item };
  }
  const refused = findRefusedOutput(error, ofOutputs);
  if (refused !== undefined) {
    return refused;
  }
  if (ofRecord !== undefined && [ofRecord, ...ofOutputs].some(({ Code = "" }) => transientReasons.has(Code))) {
    return { kind: "contended", cause: error };
  }
  throw translateLedgerError(error, "read why the transaction was cancelled");
}

/**
 * An output's condition may fail because this very transaction was applied before,
 * in a try whose answer was lost: only an untouched record proves the contrary.
 */
async function explainRefusal(store: LedgerStore, change: Change, refused: RefusedOutput): Promise<StoreOutcome> {
  const item = await readItem(store, rangeKey(change.current));
  const present = item === undefined ? undefined : decodeRange(item);
  if (present?.writeId !== change.current.writeId) {
    return { kind: "overtaken", present };
  }
  throw refusedOutputError(change.outputs, refused);
}
