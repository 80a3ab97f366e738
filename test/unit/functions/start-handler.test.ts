import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { requireVariable } from "../../../functions/lambda-config.ts";
import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import { createScheduler } from "../../../functions/scheduler/create-scheduler.ts";
import { startHandler } from "../../../functions/start-handler.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";

const context = { awsRequestId: "1", getRemainingTimeInMillis: () => 30_000 };
const process = async () => [];

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("outside of Lambda", () => {
  beforeEach(() => {
    vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", undefined);
  });

  test("nothing is made before the first invocation, and once", async () => {
    let made = 0;
    const handler = startHandler(() => {
      made += 1;
      return async (event) => event;
    });

    expect(made).toBe(0);
    expect([await handler("a", context), await handler("b", context)]).toEqual(["a", "b"]);
    expect(made).toBe(1);
  });

  test("a wrong environment fails the invocation, and one that was mended does not", async () => {
    const handler = createRangeProcessor({ process, variables: ["ORDERS_TABLE"] });

    await expect(handler({}, context)).rejects.toThrow(ConfigurationError);
    await expect(handler({}, context)).rejects.toThrow(/RANGES_PIPELINE is not set.*; ORDERS_TABLE is not set/);
    await expect(createScheduler()({}, context)).rejects.toThrow(/RANGES_PIPELINE is not set/);
  });
});

test("in Lambda a wrong environment fails the start, with every problem at once", () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "orders");

  const start = () => createRangeProcessor({ process, variables: ["ORDERS_TABLE", "HOME"] });

  expect(start).toThrow(ConfigurationError);
  expect(start).toThrow(/RANGES_PIPELINE is not set.*RANGES_LEDGER_TABLE is not set.*; ORDERS_TABLE is not set$/);
  expect(() => createScheduler()).toThrow(/RANGES_PIPELINE is not set.*RANGES_LEDGER_TABLE is not set/);
});

test("a handler has no more parameters than Lambda takes, and the code that it runs", () => {
  vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", undefined);
  const handler = createRangeProcessor({ process });

  expect(handler.length).toBeLessThanOrEqual(2);
  expect(handler.process).toBe(process);
});

test("a variable of one's own is read when it is asked for", () => {
  vi.stubEnv("ORDERS_TABLE", "orders");
  expect(requireVariable("ORDERS_TABLE")).toBe("orders");

  vi.stubEnv("ORDERS_TABLE", "");
  expect(() => requireVariable("ORDERS_TABLE")).toThrow("ORDERS_TABLE is not set: the pipeline's code reads it");
});
