import { inject } from "vitest";
import { DYNAMODB_ENGINES } from "../../support/ledger/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest } from "../../support/ledger/dynamodb-ledger.ts";
import { describeRangeLedger } from "../../support/ledger/range-ledger-contract.ts";

for (const { name, endpointKey } of DYNAMODB_ENGINES) {
  describeRangeLedger(`DynamoDB range ledger on ${name}`, () => createDynamoDBLedgerUnderTest(inject(endpointKey)));
}
