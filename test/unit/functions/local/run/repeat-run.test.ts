import { expect, test } from "vitest";
import { describeFailure } from "../../../../../functions/local/deploy/describe-failure.ts";
import { repeatRun } from "../../../../../functions/local/run/repeat-run.ts";

test("a failed run is told in one line, with its error's name, and tried again until it succeeds", async () => {
  const notes: string[] = [];
  const answer = JSON.stringify({
    errorType: "RangeReadError",
    errorMessage: "no broker\nanswered",
    trace: ["x".repeat(500)],
  });
  const failures = [new Error(`Scheduler failed: ${describeFailure(answer)}`), new Error("y".repeat(500))];

  await repeatRun({
    run: async () => {
      const failure = failures.shift();
      if (failure !== undefined) {
        throw failure;
      }
    },
    note: (line) => notes.push(line),
    retryMs: 0,
    signal: undefined,
  });

  expect(notes).toEqual([
    "the scheduler run failed and is tried again: Scheduler failed: RangeReadError: no broker answered",
    `the scheduler run failed and is tried again: ${"y".repeat(200)}…`,
  ]);
});

test("an answer that is no error of Lambda's is shown as it is", () => {
  expect(["Worker process died", '{"message":"throttled"}', "[]"].map(describeFailure)).toEqual([
    "Worker process died",
    '{"message":"throttled"}',
    "[]",
  ]);
});

test("what fails twenty times in a row ends the run with its error", async () => {
  const failing = new Error("for ever");
  let runs = 0;
  const run = async () => {
    runs += 1;
    throw failing;
  };

  await expect(repeatRun({ run, note: () => undefined, retryMs: 0, signal: undefined })).rejects.toBe(failing);
  expect(runs).toBe(20);
});
