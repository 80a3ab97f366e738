import { Readable } from "node:stream";
import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import type { CallTimeouts } from "../../aws/http-exchange.ts";
import { LEDGER_REQUEST_ATTEMPTS, MAX_CONCURRENT_LEDGER_CALLS } from "../../core/limits.ts";
import { IN_REGION } from "./call-timeouts.ts";

/** A client whose every call ends in a bounded time; the SDK's own default waits for ever. */
export function createDynamoDBClient(
  config: DynamoDBClientConfig = {},
  { connectMs, requestMs }: CallTimeouts = IN_REGION,
): DynamoDBClient {
  const agent = { keepAlive: true, maxSockets: MAX_CONCURRENT_LEDGER_CALLS };
  const client = new DynamoDBClient({
    maxAttempts: LEDGER_REQUEST_ATTEMPTS,
    retryMode: "standard",
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: requestMs,
      // Without it the SDK only logs that the time is over.
      throwOnRequestTimeout: true,
      httpAgent: agent,
      httpsAgent: agent,
    },
    ...config,
  });
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      boundBody(result.response, requestMs);
      return result;
    },
    { step: "deserialize", priority: "low", name: "boundBody" },
  );
  return client;
}

/** The SDK's time for a request ends with the head of its answer; the body gets as much again. */
function boundBody(response: unknown, limitMs: number): void {
  if (typeof response !== "object" || response === null || !("body" in response)) {
    return;
  }
  const { body } = response;
  if (body instanceof Readable) {
    const timeOut = () => body.destroy(new AnswerTimeoutError(`no whole answer within ${limitMs} ms`));
    const timer = setTimeout(timeOut, limitMs);
    body.once("close", () => clearTimeout(timer));
  }
}

/** Named as the SDK names what it tries again. */
class AnswerTimeoutError extends Error {
  override readonly name = "TimeoutError";
}
