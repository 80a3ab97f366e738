import { expect, test } from "vitest";
import { DispatchError } from "../../../../shared/core/errors.ts";
import { createLambdaRangeDispatcher } from "../../../../shared/lambda/range-dispatcher.ts";
import { aRangeRecord } from "../../../support/builders/builders.ts";

const record = aRangeRecord();

function aDispatcher(invokeEvent: (functionName: string) => Promise<void>) {
  return createLambdaRangeDispatcher({
    invoker: { invokeEvent },
    functionName: "Default",
    variants: new Map([["large", "Large"]]),
    encode: () => "{}",
  });
}

test("a range goes to the function of its variant, and to the default one without any", async () => {
  const invoked: string[] = [];
  const dispatcher = aDispatcher(async (functionName) => void invoked.push(functionName));

  await dispatcher.dispatch({ record, variant: "large" });
  await dispatcher.dispatch({ record });

  expect(invoked).toEqual(["Large", "Default"]);
});

test("a failed invocation names the range and the function", async () => {
  const dispatcher = aDispatcher(() => Promise.reject(new Error("no permission")));

  const failed = dispatcher.dispatch({ record, variant: "large" });

  await expect(failed).rejects.toThrow(DispatchError);
  await expect(failed).rejects.toThrow("orders-3 [5, 9) was not dispatched to Large: Error: no permission");
});
