import assert from "node:assert/strict";
import { DispatchError } from "../core/errors.ts";
import type { RangeDispatch, RangeDispatcher } from "../core/ledger/range-dispatcher.ts";
import { formatOffsetRange } from "../core/range/offset-range.ts";
import { MAX_DISPATCH_BYTES } from "./limits.ts";

/** Lambda's asynchronous Invoke: resolves once the event is queued. */
export interface EventInvoker {
  invokeEvent(functionName: string, payload: string): Promise<void>;
}

export interface LambdaRangeDispatcherOptions {
  readonly invoker: EventInvoker;
  /** Name or ARN of the default processor function. */
  readonly functionName: string;
  /** Of the others, by variant. @default none */
  readonly variants?: ReadonlyMap<string, string>;
  readonly encode: (dispatch: RangeDispatch) => string;
}

/** Invokes a processor function asynchronously: Lambda answers 202 once the event is queued. */
export function createLambdaRangeDispatcher({
  invoker,
  functionName: byDefault,
  variants = new Map(),
  encode,
}: LambdaRangeDispatcherOptions): RangeDispatcher {
  return {
    async dispatch(dispatch) {
      const { variant } = dispatch;
      const functionName = variant === undefined ? byDefault : variants.get(variant);
      assert.ok(functionName !== undefined, `variant ${variant} has no function`);
      const payload = encode(dispatch);
      const bytes = Buffer.byteLength(payload);
      assert.ok(bytes <= MAX_DISPATCH_BYTES, `the dispatch has ${bytes} bytes`);
      try {
        await invoker.invokeEvent(functionName, payload);
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DispatchError(`${formatOffsetRange(dispatch.record)} was not dispatched to ${functionName}: ${why}`, {
          cause,
        });
      }
    },
  };
}
