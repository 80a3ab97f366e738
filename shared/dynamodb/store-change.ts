// Store change
//
// Replaces one record by its next revision, alone or in one transaction with the
// outputs that take effect with it (L3). The write holds only while the record is
// still the one that was seen:
//
//   seen r5 ────────────────────── write r6 if still r5 ──> stored
//   seen r5 ── another writes r6 ── write r6 if still r5 ──> overtaken, nothing took effect
//
// An error leaves open whether the write took effect: whoever tries again sees it (L4).

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { listNames } from "../core/bounded-text.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type Condition, conditionalUpdate } from "./conditional-write.ts";
import { type Item, rangeKey } from "./items/attributes/keys.ts";
import { decodeRange, OPTIONAL_RANGE_ATTRIBUTES } from "./items/item-codec.ts";
import { type LedgerStore, readItem, updateItem } from "./ledger-store.ts";
import { explainRefusedRequest } from "./outputs/output-refusal.ts";
import { actionOf } from "./outputs/output-shape.ts";
import { type RefusedOutput, refusedOutputError } from "./outputs/outputs.ts";
import { type TransactOutcome, transact } from "./transact.ts";

export interface Change {
  readonly current: RangeRecord;
  readonly next: Item;
  readonly outputs: readonly TransactWriteItem[];
}

export type StoreOutcome =
  | { readonly kind: "stored"; readonly record: RangeRecord }
  /** The record is no longer the one that was seen. */
  | { readonly kind: "overtaken"; readonly present: RangeRecord | undefined }
  | { readonly kind: "contended" };

/** Throws OutputRefusedError, InvalidOutputError, RepeatedItemError, OutputLimitError or ConfigurationError for an output that DynamoDB does not take. */
export async function storeChange(store: LedgerStore, change: Change): Promise<StoreOutcome> {
  const outcome = await writeChange(store, change);
  switch (outcome.kind) {
    case "stored":
      return { kind: "stored", record: decodeRange(change.next) };
    case "refused":
      return { kind: "overtaken", present: outcome.present === undefined ? undefined : decodeRange(outcome.present) };
    case "contended":
      return outcome;
    case "otherRefused":
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

function writeChange(store: LedgerStore, { current, next, outputs }: Change): Promise<TransactOutcome> {
  const state = { item: next, optional: OPTIONAL_RANGE_ATTRIBUTES };
  const condition = isStill(current);
  if (outputs.length === 0) {
    return updateItem(store, state, condition);
  }
  const tables = new Set(outputs.map((output) => actionOf(output).tableName));
  return transact(store, {
    own: { Update: conditionalUpdate(store, state, condition) },
    others: outputs,
    action: `commit to table ${store.tableName}, with ${outputs.length} outputs to ${listNames([...tables])}`,
    explain: (answer) => explainRefusedRequest(store, outputs, answer),
  });
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
