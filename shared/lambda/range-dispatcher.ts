import assert from "node:assert/strict";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { DispatchError } from "../core/errors.ts";
import type { RangeDispatch, RangeDispatcher } from "../core/ledger/range-dispatcher.ts";
import { formatOffsetRange } from "../core/range/offset-range.ts";
import { MAX_DISPATCH_BYTES } from "./limits.ts";

export interface LambdaRangeDispatcherOptions {
  readonly client: LambdaClient;
  /** Name or ARN of the processor function. */
  readonly functionName: string;
  readonly encode: (dispatch: RangeDispatch) => string;
}

/** Invokes the processor function asynchronously: Lambda answers 202 once the event is queued. */
export function createLambdaRangeDispatcher({
  client,
  functionName,
  encode,
}: LambdaRangeDispatcherOptions): RangeDispatcher {
  return {
    async dispatch(dispatch) {
      const payload = Buffer.from(encode(dispatch));
      assert.ok(payload.length <= MAX_DISPATCH_BYTES, `the dispatch has ${payload.length} bytes`);
      try {
        await client.send(new InvokeCommand({ FunctionName: functionName, InvocationType: "Event", Payload: payload }));
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DispatchError(`${formatOffsetRange(dispatch.record)} was not dispatched to ${functionName}: ${why}`, {
          cause,
        });
      }
    },
  };
}
