import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

/** A client of a local engine: any region and keys will do, and none of the user's are looked for. */
export function createLocalDynamoDBClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}

/** The two engines of the integration tests, so that one's mistake is not taken for ours; pass the key to `inject`. */
export const DYNAMODB_ENGINES = [
  { name: "MiniStack", endpointKey: "ministack.endpoint" },
  { name: "DynamoDB Local", endpointKey: "dynamodbLocal.endpoint" },
] as const;
