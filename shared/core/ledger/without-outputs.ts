import assert from "node:assert/strict";
import type { RangeLedger } from "./range-ledger.ts";

/** The ledger for code whose outputs go elsewhere: none is ever passed to it. */
export function withoutOutputs<Output>(ledger: RangeLedger<never>): RangeLedger<Output> {
  return {
    ...ledger,
    changeRange: (seen, event, outputs = []) => {
      assert.ok(outputs.length === 0, "outputs of another store were passed to the ledger");
      return ledger.changeRange(seen, event);
    },
  };
}
