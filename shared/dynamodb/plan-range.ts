import { LedgerIntegrityError, LedgerUnavailableError } from "../core/errors.ts";
import { PARTITION_KEY } from "../core/ledger/ledger-table.ts";
import type { PlanOutcome } from "../core/ledger/range-ledger.ts";
import { MAX_CHANGE_TRIES } from "../core/limits.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type Condition, keyIsFree } from "./conditional-write.ts";
import { decodeRange, encodeRange } from "./items/item-codec.ts";
import { type LedgerStore, pauseAfterContention, putItem } from "./ledger-store.ts";

/** An ANCHOR only says where the chain starts; the first range takes its key. */
const keyIsFreeOrAnchor: Condition = {
  expression: "attribute_not_exists(#key) OR #status = :anchor",
  names: { "#key": PARTITION_KEY, "#status": "status" },
  values: { ":anchor": { S: "ANCHOR" } },
};

export async function planRange(store: LedgerStore, record: RangeRecord): Promise<PlanOutcome> {
  const item = encodeRange(record);
  const condition = record.status === "ANCHOR" ? keyIsFree : keyIsFreeOrAnchor;
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await putItem(store, item, condition);
    if (outcome.kind === "stored") {
      return { kind: "planned", record: decodeRange(item) };
    }
    if (outcome.kind === "refused") {
      if (outcome.present === undefined) {
        throw new LedgerIntegrityError(`table ${store.tableName} refused a plan without the record that is in its way`);
      }
      const present = decodeRange(outcome.present);
      // Seeing oneself: the write was applied and only its answer was lost (L4).
      return { kind: present.writeId === record.writeId ? "planned" : "collided", record: present };
    }
    await pauseAfterContention(store, tries);
  }
  throw new LedgerUnavailableError(`other writes were in the way of a plan in each of ${MAX_CHANGE_TRIES} tries`);
}
