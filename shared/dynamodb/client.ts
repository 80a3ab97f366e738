import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import {
  LEDGER_CONNECT_TIMEOUT_MS,
  LEDGER_REQUEST_ATTEMPTS,
  LEDGER_REQUEST_TIMEOUT_MS,
  MAX_CONCURRENT_LEDGER_CALLS,
} from "../core/limits.ts";

/** A client whose every call ends in a bounded time; the SDK's own default waits for ever. */
export function createDynamoDBClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: MAX_CONCURRENT_LEDGER_CALLS };
  return new DynamoDBClient({
    maxAttempts: LEDGER_REQUEST_ATTEMPTS,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: LEDGER_CONNECT_TIMEOUT_MS,
      requestTimeout: LEDGER_REQUEST_TIMEOUT_MS,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
      // The request's time ends with the response's head; this one bounds the gaps in its body.
      socketTimeout: LEDGER_REQUEST_TIMEOUT_MS,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...config,
  });
}
