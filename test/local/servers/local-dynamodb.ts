import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { localClient } from "../../../functions/local/deploy/local-aws.ts";

/** For what a test looks at beside the product. */
export function openLocalDynamoDB(endpoint: string): DynamoDBClient {
  return new DynamoDBClient(localClient(endpoint));
}
