// The whole system from seeds, as many as fit a test run. A failure prints the
// command that replays it; SIMULATION_SEEDS=20000 searches longer.

import { expect, test } from "vitest";
import { type SimulationResult, simulate } from "./simulation.ts";

const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 600);
const STEPS = 200;

/** What the seeds together have to bring about: a simulation that has stopped injecting proves nothing. */
const OCCURRENCES = [
  "event addPartition",
  "event brokerDown",
  "event brownout",
  "event clockStep",
  "event compact",
  "event deleteRecords",
  "event elect",
  "event recreate",
  "event reprocess",
  "event timeLapse",
  "event truncate",
  "excuse records were deleted",
  "excuse the code returned early",
  "excuse the log was truncated",
  "excuse the topic was re-created",
  "fault brokerDown",
  "fault deposedLeader",
  "fault die",
  "fault doubledEvent",
  "fault doubledTick",
  "fault freeze",
  "fault lateEvent",
  "fault lateHighWatermark",
  "fault lateRequest",
  "fault lostAnswer",
  "fault lostEvent",
  "fault lostRequest",
  "fault throttle",
  "fault throttledInvoke",
  "outcome completed",
  "outcome failed",
  "outcome halted",
  "outcome notClaimed",
  "outcome released",
  "outcome superseded",
  "partition anchored",
  "partition collided",
  "partition dispatchFailed",
  "partition done",
  "partition failed",
  "partition halted",
  "partition held",
  "partition idle",
  "partition planned",
  "partition redispatched",
  "partition renewed",
  "partition waiting",
  "status ANCHOR",
  "status COMPLETED",
  "status FAILED",
  "status PLANNED",
  "status RUNNING",
  "transaction aborted",
  "transaction committed",
  "ttl",
];

test(`G1, G2, G3, G4, G5, G6, G9: nothing is broken in ${SEEDS} seeds, in which everything occurs`, async () => {
  const occurred = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const result = await simulate({ seed, steps: STEPS });
    expect(result.violation, explain(result)).toBeUndefined();
    for (const kind of result.counts.keys()) {
      occurred.add(kind);
    }
  }
  const missing = OCCURRENCES.filter((kind) => !occurred.has(kind));
  expect(missing).toEqual([]);
});

test("a seed makes the same events each time, and another seed makes others", async () => {
  const first = await simulate({ seed: 7, steps: STEPS });
  const again = await simulate({ seed: 7, steps: STEPS });
  const other = await simulate({ seed: 8, steps: STEPS });

  expect(again).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
});

function explain({ seed, violation }: SimulationResult): string {
  return `seed ${seed}: ${violation?.invariant}: ${violation?.message}
replay: npm run simulate -- --seeds 1 --first ${seed} --steps ${STEPS} --verbose
${violation?.trace.join("\n")}`;
}
