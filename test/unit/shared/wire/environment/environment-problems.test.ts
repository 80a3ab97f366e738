import { expect, test } from "vitest";
import { encodingProblems } from "../../../../../shared/wire/environment/environment-problems.ts";
import { encodeEnvironment } from "../../../../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../../../../shared/wire/environment/function-environment.ts";
import { SCHEDULER_ENVIRONMENT as config } from "../../../../support/pipeline/scheduler-environment.ts";

test("what is out of bounds is told beside what is of a wrong type, each once", () => {
  const wrong = { ...config, maxAttempts: 0, maxConcurrency: Number.NaN, onDataLoss: "x" as never };

  const problems = encodingProblems(schedulerEnvironment, wrong, (key) => `the ${key}`);

  expect(problems.length).toBe(3);
  expect(new Set(problems.map(({ key }) => key))).toEqual(new Set(["maxAttempts", "maxConcurrency", "onDataLoss"]));
  expect(problems.map(({ message }) => message)).toContain(
    "the maxAttempts 0 is wrong: expected a whole number from 1 to 100",
  );
  expect(() => encodeEnvironment(schedulerEnvironment, wrong)).toThrow(/maxConcurrency NaN.*maxAttempts 0/s);
});

test("a configuration that can be encoded has none", () => {
  expect(encodingProblems(schedulerEnvironment, config)).toEqual([]);
});
