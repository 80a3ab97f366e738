import { LambdaClient } from "@aws-sdk/client-lambda";
import { LAMBDA_MAX_TRIES, LAMBDA_TIMEOUT_MS } from "../core/limits.ts";

/** A client whose calls end in bounded time; asynchronous invokes answer at once. */
export function createLambdaClient(options: { readonly endpoint?: string } = {}): LambdaClient {
  return new LambdaClient({
    ...options,
    maxAttempts: LAMBDA_MAX_TRIES,
    requestHandler: {
      connectionTimeout: LAMBDA_TIMEOUT_MS,
      requestTimeout: LAMBDA_TIMEOUT_MS,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
    },
  });
}
