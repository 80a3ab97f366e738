import { SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";
import { SQS_MAX_TRIES, SQS_TIMEOUT_MS } from "./limits.ts";

/** A client whose calls end in bounded time. */
export function createSQSClient(config: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    maxAttempts: SQS_MAX_TRIES,
    requestHandler: {
      connectionTimeout: SQS_TIMEOUT_MS,
      requestTimeout: SQS_TIMEOUT_MS,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}
