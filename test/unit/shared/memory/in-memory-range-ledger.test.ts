import { createPipelineLedger } from "../../../../shared/core/ledger/pipeline-ledger.ts";
import { createInMemoryRangeLedger } from "../../../../shared/memory/in-memory-range-ledger.ts";
import { describeRangeLedger } from "../../../support/ledger/range-ledger-contract.ts";

describeRangeLedger("in-memory range ledger", async () => {
  const ledger = createInMemoryRangeLedger<string>();
  return {
    ledger,
    other: ledger,
    ofPipeline: (pipeline) => createPipelineLedger(ledger, pipeline),
    output: (id: string) => id,
    timesApplied: async (id: string) => ledger.outputs.filter((output) => output === id).length,
    forget: async (record) => ledger.forget(record),
    [Symbol.asyncDispose]: async () => {},
  };
});
