import {
  DescribeTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import type { DynamoDBCalls } from "./dynamodb-calls.ts";

/** The calls by the AWS SDK. `client` comes from createDynamoDBClient, so that each ends in a bounded time. */
export function sdkCalls(client: DynamoDBClient): DynamoDBCalls {
  return {
    getItem: (input) => client.send(new GetItemCommand(input)),
    putItem: async (input) => {
      await client.send(new PutItemCommand(input));
    },
    updateItem: async (input) => {
      await client.send(new UpdateItemCommand(input));
    },
    query: (input) => client.send(new QueryCommand(input)),
    transactWriteItems: async (input) => {
      await client.send(new TransactWriteItemsCommand(input));
    },
    describeTable: (input) => client.send(new DescribeTableCommand(input)),
  };
}
