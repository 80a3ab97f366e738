import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { createManifestLedger } from "../../../shared/dynamodb/manifest-ledger.ts";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { openSignedLedger } from "../../support/ledger/ledger-table.ts";
import { describeManifestLedger } from "../../support/manifests/manifest-ledger-contract.ts";

for (const { name, endpointKey } of DYNAMODB_ENGINES) {
  describeManifestLedger(`DynamoDB manifest ledger on ${name}`, async () => {
    const { ledger, tableName, ...table } = await createDynamoDBLedgerUnderTest(inject(endpointKey));
    const signed = openSignedLedger(inject(endpointKey));
    return {
      ledger: ledger as RangeLedger<never>, // Nothing is put out.
      manifests: createManifestLedger(signed, { tableName, newId: randomUUID }),
      [Symbol.asyncDispose]: async () => {
        signed.close();
        await table[Symbol.asyncDispose]();
      },
    };
  });
}
