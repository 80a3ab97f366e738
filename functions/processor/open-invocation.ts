import { randomUUID } from "node:crypto";
import { DeadlineError } from "../../shared/core/errors.ts";
import { DEADLINE_MARGIN_MS, LAST_CALL_MARGIN_MS } from "../../shared/core/limits.ts";
import type { InvocationContext } from "../lambda-handler.ts";
import type { Invocation } from "./attempt/processor-deps.ts";

/** Sets the invocation's two alarms; disposing of it clears them. */
export function openInvocation(context: InvocationContext): Invocation & Disposable {
  const remainingMs = context.getRemainingTimeInMillis();
  const deadline = new AbortController();
  const lastCall = new AbortController();
  const timers = [
    abortIn(deadline, remainingMs - DEADLINE_MARGIN_MS),
    abortIn(lastCall, remainingMs - LAST_CALL_MARGIN_MS),
  ];
  return {
    // Lambda delivers an asynchronous event twice under one request id.
    owner: `${context.awsRequestId}/${randomUUID().slice(0, 8)}`,
    remainingMs,
    deadline: deadline.signal,
    lastCall: lastCall.signal,
    [Symbol.dispose]: () => timers.forEach(clearTimeout),
  };
}

function abortIn(controller: AbortController, delayMs: number): NodeJS.Timeout {
  const expire = () => controller.abort(new DeadlineError("the invocation's time is nearly used up"));
  return setTimeout(expire, Math.max(delayMs, 0));
}
