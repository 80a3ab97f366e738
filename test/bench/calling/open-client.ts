import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { createDynamoDBClient } from "../../../shared/dynamodb/calls/client.ts";
import type { DynamoDBCalls } from "../../../shared/dynamodb/calls/dynamodb-calls.ts";
import { sdkCalls } from "../../../shared/dynamodb/calls/sdk-calls.ts";
import { createSignedDynamoDB } from "../../../shared/dynamodb/calls/signed-calls.ts";
import type { EventInvoker } from "../../../shared/lambda/range-dispatcher.ts";
import { createSignedInvoker } from "../../../shared/lambda/signed-invoker.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import type { ClientName } from "./calling.ts";

export interface BenchClient {
  readonly dynamodb: DynamoDBCalls;
  readonly invoker: EventInvoker;
}

export function openClient(name: ClientName, endpoint: string): BenchClient {
  const access = localAccess(endpoint);
  if (name === "signed") {
    return { dynamodb: createSignedDynamoDB(access), invoker: createSignedInvoker(access) };
  }
  const lambda = new LambdaClient(sdkAccess(access));
  return {
    dynamodb: sdkCalls(createDynamoDBClient(sdkAccess(access))),
    invoker: {
      invokeEvent: async (FunctionName, Payload) => {
        await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload }));
      },
    },
  };
}
