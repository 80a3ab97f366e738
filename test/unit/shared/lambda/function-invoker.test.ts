import type { InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, test } from "vitest";
import { ConfigurationError, DispatchError } from "../../../../shared/core/errors.ts";
import { createFunctionInvoker } from "../../../../shared/lambda/function-invoker.ts";

/** Lambda as far as one invocation goes: it gives this answer, or fails with this error. */
function invoking(answer: Partial<InvokeCommandOutput> | Error) {
  const send = async () => {
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  };
  // The adapter sends one command and reads its answer.
  return createFunctionInvoker({ send } as unknown as LambdaClient, "scheduler")({ tick: {} });
}

const payload = (value: unknown) => ({ Payload: Buffer.from(JSON.stringify(value)) as never });

test("the function's answer is what it returned", async () => {
  await expect(invoking(payload({ reprocess: [] }))).resolves.toEqual({ reprocess: [] });
  await expect(invoking({})).resolves.toBeUndefined();
});

test.each<
  [string, Partial<InvokeCommandOutput> | Error, typeof ConfigurationError | typeof DispatchError, string | RegExp]
>([
  [
    "what the function refuses is bad input, in its own words",
    {
      FunctionError: "Unhandled",
      ...payload({ errorType: "ConfigurationError", errorMessage: "requestId is missing" }),
    },
    ConfigurationError,
    "requestId is missing",
  ],
  [
    "a function that fails may be asked again",
    { FunctionError: "Unhandled", ...payload({ errorType: "RangeReadError", errorMessage: "the broker is silent" }) },
    DispatchError,
    "the broker is silent (RangeReadError of function scheduler)",
  ],
  [
    "a function that dies may be asked again",
    { FunctionError: "Unhandled" },
    DispatchError,
    "no reason is given (Error of function scheduler)",
  ],
  [
    "what the client knows to be bad input stays so, in its own words",
    new ConfigurationError("function scheduler does not exist"),
    ConfigurationError,
    /^function scheduler does not exist$/,
  ],
  [
    "an endpoint that does not answer may be asked again",
    new Error("connect ECONNREFUSED"),
    DispatchError,
    /^connect ECONNREFUSED \(function scheduler was not invoked\)$/,
  ],
])("%s", async (_, answer, type, message) => {
  await expect(invoking(answer)).rejects.toThrow(type);
  await expect(invoking(answer)).rejects.toThrow(message);
});
