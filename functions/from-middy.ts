import type { MiddyfiedHandler } from "@middy/core";
import type { LambdaHandler } from "./lambda-handler.ts";

// biome-ignore lint/suspicious/noExplicitAny: what middy's handlers answer, whatever they are made of.
export function fromMiddy(handler: MiddyfiedHandler<any, any>): LambdaHandler {
  // middy declares the third argument that Lambda passed to handlers before Node.js 24, and reads none.
  return handler as unknown as LambdaHandler;
}
