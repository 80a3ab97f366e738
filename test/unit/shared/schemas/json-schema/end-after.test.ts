import { expect, test } from "vitest";
import { cpuMeterOf, endAfter, isTimeUp } from "../../../../../shared/schemas/json-schema/end-after.ts";

test("a run that goes on is ended by the clock, by an error that is told from any other", () => {
  const ended = () => {
    endAfter(() => {
      for (;;) {
        // Goes on.
      }
    }, 1);
  };

  expect(isTimeUp(errorOf(ended))).toBe(true);
  expect(isTimeUp(errorOf(() => endAfter(() => JSON.parse("{"), 60_000)))).toBe(false);
  expect(endAfter(() => 7, 60_000)).toBe(7);
});

test("the meter counts the thread's user and system time, in milliseconds", () => {
  const node = { threadCpuUsage: () => ({ user: 1_500, system: 500 }), cpuUsage: () => ({ user: 9_000, system: 0 }) };

  expect(cpuMeterOf(node)()).toBe(2);
});

test("the meter counts the process's time where Node does not know the thread's", () => {
  expect(cpuMeterOf({ cpuUsage: () => ({ user: 9_000, system: 500 }) })()).toBe(9.5);
});

test("Node's own meter goes on with what is run", () => {
  const cpuMs = cpuMeterOf(process);
  const before = cpuMs();

  while (cpuMs() === before) {
    // Uses the processor.
  }

  expect(cpuMs()).toBeGreaterThan(before);
});

function errorOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
