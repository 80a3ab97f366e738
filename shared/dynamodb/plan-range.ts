import { LedgerIntegrityError } from "../core/errors.ts";
import { PARTITION_KEY } from "../core/ledger/ledger-table.ts";
import type { PlanOutcome } from "../core/ledger/range-ledger.ts";
import { formatOffsetRange } from "../core/range/offset-range.ts";
import type { RangeRecord } from "../core/range/range-record.ts";
import { type Condition, keyIsFree } from "./conditional-write.ts";
import { decodeRange, encodeRange } from "./items/item-codec.ts";
import { type LedgerStore, putItem } from "./ledger-store.ts";
import { done, untilStored } from "./until-stored.ts";

/** An ANCHOR only says where the chain starts; the first range takes its key. */
const keyIsFreeOrAnchor: Condition = {
  expression: "attribute_not_exists(#key) OR #status = :anchor",
  names: { "#key": PARTITION_KEY, "#status": "status" },
  values: { ":anchor": { S: "ANCHOR" } },
};

/** The first plan at a key is stored and stays: a second one, of whomever, is told what is in its way (L2). */
export async function planRange(store: LedgerStore, record: RangeRecord): Promise<PlanOutcome> {
  const item = encodeRange(record);
  const condition = record.status === "ANCHOR" ? keyIsFree : keyIsFreeOrAnchor;
  return untilStored<PlanOutcome>(store, `the plan of ${formatOffsetRange(record)}`, async () => {
    const outcome = await putItem(store, item, condition);
    switch (outcome.kind) {
      case "stored":
        return done({ kind: "planned", record: decodeRange(item) });
      case "refused": {
        if (outcome.present === undefined) {
          throw new LedgerIntegrityError(
            `table ${store.tableName} refused a plan without the record that is in its way`,
          );
        }
        const present = decodeRange(outcome.present);
        // Seeing oneself: the write was applied and only its answer was lost (L4).
        return done({ kind: present.writeId === record.writeId ? "planned" : "collided", record: present });
      }
      case "contended":
        return outcome;
    }
  });
}
