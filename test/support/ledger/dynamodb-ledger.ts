import { randomUUID } from "node:crypto";
import { DeleteItemCommand, GetItemCommand, type TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { rangeKey } from "../../../shared/dynamodb/items/attributes/keys.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { createLedgerClient, createLedgerTable, type LedgerTable, openSignedLedger } from "./ledger-table.ts";
import type { LedgerUnderTest } from "./range-ledger-contract/ledger-under-test.ts";

export interface DynamoDBLedgerUnderTest extends LedgerUnderTest<TransactWriteItem>, LedgerTable {}

/**
 * A ledger on a fresh table of a local engine, seen through two clients: the functions' own signed one, and the AWS SDK's,
 * that one's code of another release if it is given; outputs are counters in that table.
 */
export async function createDynamoDBLedgerUnderTest(
  endpoint: string,
  createOther: typeof createDynamoDBRangeLedger = createDynamoDBRangeLedger,
): Promise<DynamoDBLedgerUnderTest> {
  const table = await createLedgerTable(endpoint);
  const { client, tableName } = table;
  const signed = openSignedLedger(endpoint);
  const otherClient = createLedgerClient(endpoint);
  const outputKey = (id: string) => ({ pk: { S: `output#${id}` }, sk: { S: "count" } });
  return {
    client,
    tableName,
    ledger: createRangeLedger(signed, { tableName, newId: randomUUID }),
    other: createOther(otherClient, { tableName, newId: randomUUID }),
    ofPipeline: (pipeline) => createRangeLedger(signed, { tableName, pipeline, newId: randomUUID }),
    output: (id) => ({
      Update: {
        TableName: tableName,
        Key: outputKey(id),
        UpdateExpression: "ADD applied :one",
        ExpressionAttributeValues: { ":one": { N: "1" } },
      },
    }),
    timesApplied: async (id) => {
      const { Item } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: outputKey(id), ConsistentRead: true }),
      );
      return Number(Item?.["applied"]?.N ?? 0);
    },
    forget: async (record) => {
      await client.send(new DeleteItemCommand({ TableName: tableName, Key: rangeKey(record) }));
    },
    [Symbol.asyncDispose]: async () => {
      signed.close();
      otherClient.destroy();
      await table[Symbol.asyncDispose]();
    },
  };
}
