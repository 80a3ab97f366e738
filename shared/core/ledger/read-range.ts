import type { RangeRecord } from "../range/range-record.ts";
import type { RangeLedger } from "./range-ledger.ts";

/** The range as the ledger has it now; undefined where it has none of this key. */
export async function readRange(
  ledger: Pick<RangeLedger<never>, "rangesWithin">,
  { chain, fromOffset }: Pick<RangeRecord, "chain" | "fromOffset">,
): Promise<RangeRecord | undefined> {
  for await (const record of ledger.rangesWithin(chain, { fromOffset, untilOffset: fromOffset + 1n })) {
    return record;
  }
  return undefined;
}
