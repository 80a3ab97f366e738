import { randomUUID } from "node:crypto";
import {
  CreateTableCommand,
  DeleteTableCommand,
  type DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../../shared/core/ledger/ledger-table.ts";
import { createDynamoDBClient } from "../../../shared/dynamodb/calls/client.ts";
import { createSignedDynamoDB, type SignedDynamoDB } from "../../../shared/dynamodb/calls/signed-calls.ts";
import { localAccess } from "../aws-access.ts";

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

/** With time for a busy machine. */
const PATIENT = { connectMs: 10_000, requestMs: 30_000 };

/** The functions' client on a local engine. */
export function openSignedLedger(endpoint: string): SignedDynamoDB {
  return createSignedDynamoDB(localAccess(endpoint), PATIENT);
}

/** The command line's client on a local engine. */
export function createLedgerClient(endpoint: string): DynamoDBClient {
  return createDynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: {
      connectionTimeout: PATIENT.connectMs,
      requestTimeout: PATIENT.requestMs,
      throwOnRequestTimeout: true,
    },
  });
}
