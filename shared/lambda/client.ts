import { LambdaClient } from "@aws-sdk/client-lambda";
import { LAMBDA_MAX_TRIES, LAMBDA_TIMEOUT_MS } from "./limits.ts";

export interface LambdaClientOptions {
  readonly endpoint?: string;
  /**
   * How long one call may take; an invocation that is waited for takes as long as the function.
   * @default LAMBDA_TIMEOUT_MS
   */
  readonly timeoutMs?: number;
}

/** A client whose calls end in bounded time; asynchronous invokes answer at once. */
export function createLambdaClient({
  timeoutMs = LAMBDA_TIMEOUT_MS,
  ...options
}: LambdaClientOptions = {}): LambdaClient {
  return new LambdaClient({
    ...options,
    maxAttempts: LAMBDA_MAX_TRIES,
    requestHandler: {
      connectionTimeout: LAMBDA_TIMEOUT_MS,
      requestTimeout: timeoutMs,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
    },
  });
}
