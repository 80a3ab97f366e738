import { inject } from "vitest";
import { DYNAMODB_ENGINES } from "../../support/dynamodb-client.ts";
import { createDynamoDBLedgerUnderTest } from "../../support/dynamodb-ledger.ts";
import { describeRangeLedger } from "../../support/range-ledger-contract.ts";

for (const { name, endpointKey } of DYNAMODB_ENGINES) {
  describeRangeLedger(`DynamoDB range ledger on ${name}`, () => createDynamoDBLedgerUnderTest(inject(endpointKey)));
}
