import { AwsCallError } from "./aws-call-error.ts";
import type { AwsClient } from "./aws-client.ts";

export interface JsonProtocol {
  /** What stands before the operation in `X-Amz-Target`. */
  readonly target: string;
  /** https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html, and 1_1. */
  readonly version: "1.0" | "1.1";
}

/** What the service answers to an operation, parsed; rejects with AwsCallError. */
export type JsonCalls = (operation: string, input: unknown) => Promise<unknown>;

export function createJsonCalls(client: AwsClient, { target, version }: JsonProtocol): JsonCalls {
  const contentType = `application/x-amz-json-${version}`;
  return async (operation, input) => {
    const { body, statusCode } = await client.call({
      method: "POST",
      path: "/",
      headers: { "content-type": contentType, "x-amz-target": `${target}.${operation}` },
      body: JSON.stringify(input),
    });
    try {
      return body === "" ? {} : JSON.parse(body);
    } catch (cause) {
      // Of a proxy, say: whether the service did what it was asked is open.
      throw new AwsCallError(`an answer that is no JSON: ${String(cause)}`, {
        name: "InvalidAnswer",
        statusCode,
        cause,
      });
    }
  };
}
