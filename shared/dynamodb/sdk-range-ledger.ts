import type { DynamoDBClient, TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { RangeLedger } from "../core/ledger/range-ledger.ts";
import { sdkCalls } from "./calls/sdk-calls.ts";
import { createRangeLedger, type DynamoDBRangeLedgerOptions } from "./range-ledger.ts";

/** The ledger by the AWS SDK. `client` comes from createDynamoDBClient, so that every call ends in a bounded time. */
export function createDynamoDBRangeLedger(
  client: DynamoDBClient,
  options: DynamoDBRangeLedgerOptions,
): RangeLedger<TransactWriteItem> {
  return createRangeLedger(sdkCalls(client), options);
}
