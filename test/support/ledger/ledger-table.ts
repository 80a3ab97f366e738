import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../../shared/core/ledger/ledger-table.ts";
import { createDynamoDBClient } from "../../../shared/dynamodb/client.ts";

const TABLE_DEADLINE_S = 30;

export interface LedgerTable extends AsyncDisposable {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

/** A fresh ledger table on a local engine; disposing of it drops it. */
export async function createLedgerTable(endpoint: string): Promise<LedgerTable> {
  const client = createLedgerClient(endpoint);
  const tableName = `ledger-${randomUUID()}`;
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: PARTITION_KEY, KeyType: "HASH" },
        { AttributeName: SORT_KEY, KeyType: "RANGE" },
      ],
      AttributeDefinitions: [
        { AttributeName: PARTITION_KEY, AttributeType: "S" },
        { AttributeName: SORT_KEY, AttributeType: "S" },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: TABLE_DEADLINE_S, minDelay: 1 }, { TableName: tableName });
  await client.send(
    new UpdateTimeToLiveCommand({
      TableName: tableName,
      TimeToLiveSpecification: { AttributeName: EXPIRY_ATTRIBUTE, Enabled: true },
    }),
  );
  return {
    client,
    tableName,
    [Symbol.asyncDispose]: async () => {
      await client.send(new DeleteTableCommand({ TableName: tableName }));
      client.destroy();
    },
  };
}

/** The product's own client on a local engine, with time for a busy machine. */
export function createLedgerClient(endpoint: string): DynamoDBClient {
  return createDynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: { connectionTimeout: 10_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  });
}
