import { expect, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { Coordinator } from "../../../../../shared/kafka/groups/coordinator.ts";
import { MAX_LOST_ANSWERS } from "../../../../../shared/kafka/limits.ts";
import type { ApiCall } from "../../../../../shared/kafka/protocol/api-call.ts";
import { findCoordinatorV3 } from "../../../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { openAnsweringCluster } from "../../../../support/groups/answering-cluster.ts";

const LOAD_IN_PROGRESS = 14;
const NOT_COORDINATOR = 16;

type Answer = { readonly errorCode: number; readonly throttleTimeMs: number };

const step: ApiCall<undefined, Answer> = {
  name: "Step",
  apiKey: 0,
  apiVersion: 0,
  encode: () => Buffer.alloc(0),
  decode: () => ({ errorCode: 0, throttleTimeMs: 0 }),
};

/** A cluster whose coordinator answers the step by these codes, one after the other, or not at all. */
function scripted(codes: readonly (number | "lost")[]) {
  const left = [...codes];
  const { cluster, calls } = openAnsweringCluster((name) => {
    if (name === findCoordinatorV3.name) {
      return { errorCode: 0, nodeId: 1, host: "coordinator", port: 9_092 };
    }
    const code = left.shift() ?? 0;
    if (code === "lost") {
      throw new RangeReadError("the connection was lost");
    }
    return { errorCode: code };
  });
  const coordinator = new Coordinator(cluster, { keyType: "group", key: "g" });
  const run = (isRepeatable: boolean) =>
    coordinator.run({
      what: "the step",
      call: step,
      request: undefined,
      codesIn: ({ errorCode }) => [errorCode],
      refuse: (code) => new ConfigurationError(`refused by ${code}`),
      isRepeatable,
    });
  return { calls, run };
}

test("CRD1: a step is repeated while the coordinator is not ready, and looked for anew once it has moved", async () => {
  const { calls, run } = scripted([LOAD_IN_PROGRESS, NOT_COORDINATOR, 0]);

  expect(await run(false)).toMatchObject({ errorCode: 0 });

  expect(calls).toEqual(["FindCoordinator", "Step", "Step", "FindCoordinator", "Step"]);
});

test("CRD1: a step without an answer is not repeated, unless it says that it may be", async () => {
  const once = scripted(["lost", 0]);
  await expect(once.run(false)).rejects.toThrow("the connection was lost");
  expect(once.calls).toEqual(["FindCoordinator", "Step"]);

  const again = scripted(["lost", 0]);
  expect(await again.run(true)).toMatchObject({ errorCode: 0 });

  const never = scripted(Array.from({ length: MAX_LOST_ANSWERS }, () => "lost" as const));
  await expect(never.run(true)).rejects.toThrow("the step did not succeed: the connection was lost");
});

test("a code that no repetition cures is refused at once", async () => {
  const { calls, run } = scripted([30]);

  await expect(run(true)).rejects.toThrow("refused by 30");
  expect(calls).toEqual(["FindCoordinator", "Step"]);
});
