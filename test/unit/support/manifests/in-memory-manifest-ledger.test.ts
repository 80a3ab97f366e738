import { createInMemoryRangeLedger } from "../../../../shared/memory/in-memory-range-ledger.ts";
import { createInMemoryManifestLedger } from "../../../support/manifests/in-memory-manifest-ledger.ts";
import { describeManifestLedger } from "../../../support/manifests/manifest-ledger-contract.ts";

describeManifestLedger("in-memory manifest ledger", async () => {
  const ledger = createInMemoryRangeLedger<never>();
  return { ledger, manifests: createInMemoryManifestLedger(ledger), [Symbol.asyncDispose]: async () => {} };
});
