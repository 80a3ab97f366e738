import { randomBytes } from "node:crypto";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { LAMBDA_MAX_TRIES, LAMBDA_TIMEOUT_MS } from "./limits.ts";

export interface LambdaClientOptions {
  readonly endpoint?: string;
  /**
   * How long one call may take; an invocation that is waited for takes as long as the function.
   * @default LAMBDA_TIMEOUT_MS
   */
  readonly timeoutMs?: number;
  /**
   * Whether each invocation begins an X-Ray trace of its own, sampled by itself. In the caller's trace, thousands of
   * invocations of one run would be sampled all or none, and outgrow what one trace holds.
   * @default false
   */
  readonly tracesApart?: boolean;
}

/** A client whose calls end in bounded time; asynchronous invokes answer at once. */
export function createLambdaClient({
  timeoutMs = LAMBDA_TIMEOUT_MS,
  tracesApart = false,
  ...options
}: LambdaClientOptions = {}): LambdaClient {
  const client = new LambdaClient({
    ...options,
    maxAttempts: LAMBDA_MAX_TRIES,
    requestHandler: {
      connectionTimeout: LAMBDA_TIMEOUT_MS,
      requestTimeout: timeoutMs,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
    },
  });
  if (tracesApart) {
    // Before the SDK adds the caller's own, which it does only where there is none.
    client.middlewareStack.add(
      (next) => (args) => {
        setHeader(args.request, TRACE_HEADER, newTrace(Date.now()));
        return next(args);
      },
      { step: "build", priority: "high", name: "traceApart" },
    );
  }
  return client;
}

const TRACE_HEADER = "X-Amzn-Trace-Id";

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-traceids; whether it is sampled is left to Lambda. */
function newTrace(nowMs: number): string {
  return `Root=1-${Math.floor(nowMs / 1_000).toString(16)}-${randomBytes(12).toString("hex")}`;
}

function setHeader(request: unknown, name: string, value: string): void {
  if (typeof request === "object" && request !== null && "headers" in request) {
    Object.assign(request.headers as Record<string, string>, { [name]: value }); // An HTTP request's, in this SDK.
  }
}
