import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { inject } from "vitest";

/** A client of a local engine: any region and keys will do, and none of the user's are looked for. */
export function createLocalDynamoDBClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
}

export interface DynamoDBEngine {
  readonly name: string;
  /** Pass it to `inject`. */
  readonly endpointKey: "aws.endpoint" | "dynamodbLocal.endpoint";
  /** Write units that it reports for an item of a transaction; AWS charges 2. */
  readonly unitsPerTransactedItem: 1 | 2;
  /** Whether it tells which operation of a transaction updates a stored attribute of another type. */
  readonly namesMistypedUpdate: boolean;
}

const miniStack: DynamoDBEngine = {
  name: "MiniStack",
  endpointKey: "aws.endpoint",
  unitsPerTransactedItem: 2,
  namesMistypedUpdate: true,
};

const dynamoDBLocal: DynamoDBEngine = {
  name: "DynamoDB Local",
  endpointKey: "dynamodbLocal.endpoint",
  unitsPerTransactedItem: 1,
  namesMistypedUpdate: false,
};

/** DynamoDB Local behind a gateway. */
const localStack: DynamoDBEngine = { ...dynamoDBLocal, name: "LocalStack", endpointKey: "aws.endpoint" };

/** The engines that the tests run on: two, so that one's mistake is not taken for ours, or the LocalStack of the optional run. */
export const DYNAMODB_ENGINES: readonly DynamoDBEngine[] =
  inject("aws.engine") === "LocalStack" ? [localStack] : [miniStack, dynamoDBLocal];
