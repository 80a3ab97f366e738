import { randomBytes } from "node:crypto";
import { type AwsAccess, createAwsClient } from "../aws/aws-client.ts";
import { encode } from "../aws/sign-request.ts";
import { MAX_CONCURRENT_DISPATCHES } from "../core/limits.ts";
import { LAMBDA_MAX_TRIES, LAMBDA_TIMEOUT_MS } from "./limits.ts";
import type { EventInvoker } from "./range-dispatcher.ts";

export interface SignedInvoker extends EventInvoker {
  readonly endpoint: URL;
  close(): void;
}

/**
 * Lambda's asynchronous Invoke without the AWS SDK. Each invocation begins an X-Ray trace of its own, sampled by itself:
 * in the caller's trace, thousands of invocations of one run would be sampled all or none, and outgrow what one trace holds.
 */
export function createSignedInvoker(access: AwsAccess): SignedInvoker {
  const client = createAwsClient({
    ...access,
    service: "lambda",
    timeouts: { connectMs: LAMBDA_TIMEOUT_MS, requestMs: LAMBDA_TIMEOUT_MS },
    maxTries: LAMBDA_MAX_TRIES,
    maxSockets: MAX_CONCURRENT_DISPATCHES,
  });
  return {
    endpoint: client.endpoint,
    close: () => client.close(),
    invokeEvent: async (functionName, payload) => {
      await client.call({
        method: "POST",
        path: `/2015-03-31/functions/${encode(functionName)}/invocations`,
        headers: {
          "content-type": "application/json",
          "x-amz-invocation-type": "Event",
          "x-amzn-trace-id": newTrace(Date.now()),
        },
        body: payload,
      });
    },
  };
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids; whether it is sampled is left to Lambda. */
function newTrace(nowMs: number): string {
  return `Root=1-${Math.floor(nowMs / 1_000).toString(16)}-${randomBytes(12).toString("hex")}`;
}
