// Split range
//
// Stores both halves of a split in one transaction (L6): the first as any change of a
// record, the rest as what takes effect with it, under the condition that its key is
// free.

import { OutputRefusedError } from "../core/errors.ts";
import type { SplitOutcome } from "../core/ledger/range-ledger.ts";
import { omitUndefined } from "../core/omit-undefined.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type RangeSplit, splitRange as split } from "../core/range/split-range.ts";
import { readRange, swapRange } from "./change-range.ts";
import { conditionalPut, keyIsFree } from "./conditional-write.ts";
import { encodeRange } from "./items/item-codec.ts";
import type { LedgerStore } from "./ledger-store.ts";

export async function splitRange(store: LedgerStore, seen: RangeRecord, how: RangeSplit): Promise<SplitOutcome> {
  let rest: RangeRecord | undefined;
  try {
    const outcome = await swapRange(store, seen, {
      action: "split",
      decide: (current, writeId) => {
        const transition = split(current, how, writeId);
        if (transition.kind === "refused") {
          return transition;
        }
        rest = transition.rest;
        const outputs = rest === undefined ? [] : [{ Put: conditionalPut(store, encodeRange(rest), keyIsFree) }];
        return { kind: "changed", record: transition.first, outputs };
      },
    });
    return outcome.kind === "changed" ? { kind: "split", first: outcome.record, ...omitUndefined({ rest }) } : outcome;
  } catch (error) {
    const inTheWay =
      error instanceof OutputRefusedError && rest !== undefined ? await readRange(store, rest) : undefined;
    if (inTheWay === undefined) {
      throw error;
    }
    return { kind: "collided", record: inTheWay };
  }
}
