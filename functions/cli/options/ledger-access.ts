import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { REMOTE } from "../../../shared/dynamodb/calls/call-timeouts.ts";
import { createDynamoDBClient } from "../../../shared/dynamodb/calls/client.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { withAwsAccess } from "./aws-access.ts";
import type { LedgerArguments } from "./options.ts";

/** Only of the pipeline that is named, where one is. */
export function ledgerOf({ table, pipeline, endpointUrl }: LedgerArguments): RangeLedger<never> {
  const client = createDynamoDBClient(endpointUrl === undefined ? {} : { endpoint: endpointUrl }, REMOTE);
  return createDynamoDBRangeLedger(withAwsAccess(client, { kind: "table", name: table, endpointUrl }), {
    tableName: table,
    pipeline,
    newId: () => crypto.randomUUID(),
  });
}
