import { expect, test } from "vitest";
import { invocationOf, stampLetters } from "../../../../../functions/processor/letters/stamp-letters.ts";
import { DeadLetterError } from "../../../../../shared/core/errors.ts";
import { aChain } from "../../../../support/builders/builders.ts";
import { createRecordingDeadLetters } from "../../../../support/pipeline/recording-dead-letters.ts";

const letter = {
  chain: aChain(),
  topic: "orders",
  partition: 3,
  offset: 37n,
  kind: "rejected",
  error: { name: "Rejected", message: "not JSON" },
  attempt: 1,
} as const;

test("a letter names the invocation and its log, and is counted once it is kept", async () => {
  const target = createRecordingDeadLetters();
  let kept = 0;
  const context = {
    awsRequestId: "r-1",
    logGroupName: "orders",
    logStreamName: "2026/0a",
    getRemainingTimeInMillis: () => 1,
  };
  const onKept = () => {
    kept += 1;
  };
  const stamped = stampLetters(target, { invocation: invocationOf(context), now: () => 7, onKept });

  await stamped.send(letter);
  target.setReachable(false);
  await expect(stamped.send(letter)).rejects.toThrow(DeadLetterError);

  const invocation = { awsRequestId: "r-1", logGroup: "orders", logStream: "2026/0a" };
  expect(target.letters).toEqual([{ ...letter, failedAt: 7, invocation }]);
  expect(kept).toBe(1);
});

test("outside of Lambda an invocation has no log", () => {
  expect(invocationOf({ awsRequestId: "r-1", getRemainingTimeInMillis: () => 1 })).toEqual({ awsRequestId: "r-1" });
});
