// Change range
//
// Applies an event to a record by compare-and-swap: the outcome is computed from
// the record that was seen, and stored only if that is still the present one.
//
//   seen ──applyEvent──> next ──store if still seen──> changed
//     ^                             │ no longer
//     └───────── present <──────────┘
//
// A write that was applied though its answer was lost shows itself on the next
// try: the present record carries its writeId (L4), and is never applied to again (L5).

import assert from "node:assert/strict";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { ChangeOutcome } from "../core/ledger/range-ledger.ts";
import { formatOffsetRange } from "../core/range/offset-range.ts";
import type { RangeEvent, Refusal } from "../core/range/range-event.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { applyEvent } from "../core/range/range-status.ts";
import { rangeKey } from "./items/attributes/keys.ts";
import { decodeRange, encodeRange } from "./items/item-codec.ts";
import { type LedgerStore, readItem } from "./ledger-store.ts";
import { checkOutputs } from "./outputs/outputs.ts";
import { storeChange } from "./store-change.ts";
import { done, untilStored } from "./until-stored.ts";

export async function changeRange(
  store: LedgerStore,
  seen: RangeRecord,
  event: RangeEvent,
  outputs: readonly TransactWriteItem[],
): Promise<ChangeOutcome> {
  assert.ok(
    outputs.length === 0 || event.kind === "commit" || event.kind === "complete",
    `${event.kind} events carry no outputs`,
  );
  checkOutputs(outputs, (tableName) => store.knownTables.get(tableName));
  return swapRange(store, seen, {
    action: event.kind,
    decide: (current, writeId) => {
      const transition = applyEvent(current, event, writeId);
      return transition.kind === "refused" ? transition : { ...transition, outputs };
    },
  });
}

/** What becomes of the present record, and what takes effect with it. */
export interface Swap {
  /** For messages. */
  readonly action: string;
  /** Pure: called anew for each record that is found. */
  readonly decide: (
    current: RangeRecord,
    writeId: string,
  ) =>
    | { readonly kind: "changed"; readonly record: RangeRecord; readonly outputs: readonly TransactWriteItem[] }
    | { readonly kind: "refused"; readonly refusal: Refusal };
}

export async function swapRange(
  store: LedgerStore,
  seen: RangeRecord,
  { action, decide }: Swap,
): Promise<ChangeOutcome> {
  const writeId = store.newId();
  let current = seen;
  return untilStored<ChangeOutcome>(store, `the ${action} of ${formatOffsetRange(seen)}`, async () => {
    const transition = decide(current, writeId);
    if (transition.kind === "refused" && current !== seen) {
      return done({ ...transition, record: current });
    }
    const outcome =
      transition.kind === "refused"
        ? // What was seen may be out of date; only the present record can refuse.
          { kind: "overtaken" as const, present: await readRange(store, seen) }
        : await storeChange(store, {
            current,
            next: encodeRange(transition.record),
            outputs: transition.outputs,
          });
    switch (outcome.kind) {
      case "stored":
        return done({ kind: "changed", record: outcome.record });
      case "overtaken":
        if (outcome.present === undefined) {
          return done({ kind: "missing" });
        }
        if (outcome.present.writeId === writeId) {
          return done({ kind: "changed", record: outcome.present });
        }
        current = outcome.present;
        return outcome;
      case "contended":
        return outcome;
    }
  });
}

export async function readRange(store: LedgerStore, record: RangeRecord): Promise<RangeRecord | undefined> {
  const item = await readItem(store, rangeKey(record));
  return item === undefined ? undefined : decodeRange(item);
}
