// The whole system from seeds, as many as fit a test run. A failure prints the
// command that replays it; SIMULATION_SEEDS=20000 searches longer.

import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { simulate } from "./simulation.ts";

const SEEDS = Number(process.env["SIMULATION_SEEDS"] ?? 2_000);
const STEPS = 200;
const TIMEOUT_MS = 600_000;

const program = fileURLToPath(new URL("simulate.ts", import.meta.url));

/** What the seeds together have to bring about: a simulation that has stopped injecting proves nothing. */
const OCCURRENCES = [
  "event addPartition",
  "event brokerDown",
  "event brownout",
  "event clockStep",
  "event compact",
  "event deleteRecords",
  "event elect",
  "event operate",
  "event recreate",
  "event reprocess",
  "event timeLapse",
  "event truncate",
  "excuse records were deleted",
  "excuse the code returned early",
  "excuse the log was truncated",
  "excuse the topic was re-created",
  "fault brokerDown",
  "fault cutConnection",
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
  "kafka batch known",
  "kafka coordinator moved",
  "kafka epochs used up",
  "kafka marker taken in late",
  "kafka offset unstable",
  "kafka refusal 10",
  "kafka refusal 14",
  "kafka refusal 15",
  "kafka refusal 16",
  "kafka refusal 19",
  "kafka refusal 47",
  "kafka refusal 51",
  "kafka refusal 90",
  "kafka transaction aborted",
  "kafka transaction committed",
  "kafka transaction fenced",
  "kafka transaction timed out",
  "operator pause",
  "operator resume",
  "operator retry",
  "operator skip",
  "operator skipUntil",
  "operator skipRecord",
  "request offsets lost",
  "request offsets processed",
  "request offsets quarantined",
  "request offsets rejected",
  "letter givenUp",
  "letter processed",
  "letter rejected",
  "letter unknown",
  "output dynamodb",
  "output kafka",
  "output postgres",
  "output s3",
  "outcome completed",
  "outcome failed",
  "outcome halted",
  "outcome lost",
  "outcome narrowed",
  "outcome notClaimed",
  "outcome quarantined",
  "outcome released",
  "outcome superseded",
  "partition anchored",
  "partition collided",
  "partition delayed",
  "partition dispatchFailed",
  "partition done",
  "partition failed",
  "partition halted",
  "partition held",
  "partition idle",
  "partition lost",
  "partition paused",
  "partition planned",
  "partition redispatched",
  "partition renewed",
  "partition waiting",
  "status ANCHOR",
  "status COMPLETED",
  "status FAILED",
  "status LOST",
  "status PLANNED",
  "status QUARANTINED",
  "status RUNNING",
  "status SKIPPED",
  "postgres flight cut",
  "postgres refusal 22012",
  "postgres refusal 25P02",
  "postgres refusal 40001",
  "postgres refusal 40P01",
  "postgres refusal 57P01",
  "postgres transaction ended",
  "s3 DELETE 404",
  "s3 HEAD 200",
  "s3 HEAD 404",
  "s3 POST 200",
  "s3 POST 404",
  "s3 upload given up",
  "transaction aborted",
  "transaction committed",
  "ttl",
];

test(
  `G1, G2, G3, G4, G5, G6, G7, G9, AR1, AR2, AP1, AP2, AP3, AP4: nothing is broken in ${SEEDS} seeds, in which everything occurs`,
  async () => {
    const share = Math.ceil(SEEDS / availableParallelism());
    const firsts = Array.from({ length: Math.ceil(SEEDS / share) }, (_, index) => 1 + index * share);
    const reports = await Promise.all(firsts.map((first) => runSeeds(first, share)));

    const occurred = new Set(reports.flatMap(occurrencesIn));
    expect(OCCURRENCES.filter((kind) => !occurred.has(kind))).toEqual([]);
  },
  TIMEOUT_MS,
);

test.each([
  ["a start that was frozen for a topic that is gone by now", 77_124_629, 400],
  ["a first run that was overtaken by the re-creation of its topic", 912_347_215, 400],
  ["offsets that were listed of another topic than the start is frozen for", 3_100_000_856, 400],
  ["a deposed leader's word on where a log ends", 3_100_001_724, 300],
  ["a truncation that took the marker of what was read as committed", 5_500_015_965, 200],
  ["the renewal of a range that is not the newest any more", 3_200_003_778, 300],
])("holds over %s", async (_, seed, steps) => {
  const { violation } = await simulate({ seed, steps, output: "dynamodb", rejects: false });

  expect(violation).toBeUndefined();
});

test("the command tells its options, and refuses what it does not know in one line", async () => {
  const [help, unknown, seedless] = await Promise.all(
    [["--help"], ["--sedes", "3"], ["--seeds", "0"]].map((options) =>
      promisify(execFile)(process.execPath, [program, ...options]).then(
        ({ stdout }) => ({ code: 0, stdout }),
        // With what the command printed.
        ({ code, stderr }: { code: number; stderr: string }) => ({ code, stderr }),
      ),
    ),
  );

  expect(help).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/--seeds.*--first.*--steps.*--soak.*--output.*--verbose/s),
  });
  expect(unknown).toEqual({ code: 2, stderr: "error: unknown option '--sedes' (Did you mean --seeds?)\n" });
  expect(seedless).toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: .*'0' is invalid. .* above 0\n$/) });
});

test("a seed makes the same events each time, and another seed makes others", async () => {
  const first = await simulate({ seed: 7, steps: STEPS });
  const again = await simulate({ seed: 7, steps: STEPS });
  const other = await simulate({ seed: 8, steps: STEPS });

  expect(again).toEqual(first);
  expect(other.hash).not.toBe(first.hash);
});

/** What the command prints; rejects with it when a seed breaks something. */
async function runSeeds(first: number, seeds: number): Promise<string> {
  const options = ["--seeds", `${seeds}`, "--first", `${first}`, "--steps", `${STEPS}`];
  try {
    return (await promisify(execFile)(process.execPath, [program, ...options])).stdout;
  } catch (error) {
    throw error instanceof Error && "stdout" in error ? new Error(String(error.stdout), { cause: error }) : error;
  }
}

/** The kinds in lines like `  123 fault die`. */
function occurrencesIn(report: string): readonly string[] {
  return [...report.matchAll(/^ *\d+ (\D.*)$/gm)].map(([, kind = ""]) => kind);
}
