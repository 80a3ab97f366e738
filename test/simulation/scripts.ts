// Scripts
//
// Moments that a seed hits once in thousands of runs, and another seed with each
// change of the code: brought about one after the other, they stay found. Between its
// script and its end a run is audited as any other.

import { pass } from "./heal.ts";
import type { Simulation } from "./simulated-system.ts";
import { type FoundViolation, play } from "./simulation.ts";
import { NO_FAULTS } from "./world/network.ts";
import { drawRules, NO_LIMITS, type SimulationRules, WORLD_EVENTS, type WorldEvent } from "./world/simulation-rules.ts";
import { World } from "./world/world.ts";

const RECORDS = 3;
const REPLAYED = 9;
const TICK_MS = 20_000;
const SLEEP_MS = 90_000;
/** Less than a lease. */
const NAP_MS = 5_000;

/** Nothing happens but what the script does. */
function calm(rules: Partial<SimulationRules>): SimulationRules {
  // Each of them is there.
  const every = Object.fromEntries(WORLD_EVENTS.map((kind) => [kind, 0])) as Record<WorldEvent, number>;
  return {
    ...drawRules(new World(1), { output: "dynamodb", rejects: false }),
    isolationLevel: "read_committed",
    startingOffsets: "earliest",
    partitions: 1,
    maxRecordsPerPartition: 50n,
    limits: NO_LIMITS,
    onDataLoss: "fail",
    onTopicRecreated: "restart",
    onFailure: "halt",
    maxAttempts: 1_000,
    poison: 0,
    tickMs: TICK_MS,
    processorTimeoutMs: 60_000,
    fetchMaxBytes: 1_000,
    schedulerTimeoutMs: 10 * SLEEP_MS,
    maxSkewMs: 0,
    lostEvents: 0,
    doubledEvents: 0,
    lateEvents: 0,
    crashes: 0,
    returnsEarly: 0,
    // No fault, but answers that take their time: who falls asleep meanwhile sends nothing more.
    rates: { ...NO_FAULTS },
    every,
    ...rules,
  };
}

function begin({ world, deployment }: Simulation): void {
  world.after(0, () => void deployment.schedule({ kind: "tick" }));
}

async function tick(simulation: Simulation): Promise<void> {
  begin(simulation);
  await pass(simulation, TICK_MS);
}

/** Whoever is answered so many requests of the kind first falls asleep. */
async function sleepAfter(
  simulation: Simulation,
  request: RegExp,
  { times = 1, sleepMs = SLEEP_MS }: { readonly times?: number; readonly sleepMs?: number } = {},
): Promise<void> {
  const { world, deployment } = simulation;
  const answered: string[] = [];
  world.trace.onLine = (line) => void answered.push(...(request.exec(line)?.slice(1) ?? []));
  begin(simulation);
  while (answered.length < times && (await world.step(world.now + TICK_MS))) {
    // Until it is answered.
  }
  world.trace.onLine = () => {};
  const sleeper = deployment.running.find(({ name }) => name === answered.at(-1));
  if (sleeper === undefined) {
    throw new Error(`nobody was answered ${request}`);
  }
  sleeper.frozenUntil = world.now + sleepMs;
}

function recreate({ cluster, deployment }: Simulation): void {
  const excuse = () => cluster.excuse(0, "the topic was re-created");
  excuse();
  cluster.recreate();
  cluster.append(0, REPLAYED);
  void (deployment.rules.onTopicRecreated === "fail" && excuse());
}

const WRITES_STARTS = /(scheduler-\d+) +Update v1#pipelines/;
const ASKS_FOR_IDS = /(scheduler-\d+) +Metadata/;
const READS_CHAIN = /(scheduler-\d+) +Query v1#word-count#/;
const FETCHES = /(processor-\d+) +Fetch/;
const COMMITS = /(processor-\d+) +PostgreSQL .*COMMIT/;

export interface Script {
  readonly rules?: Partial<SimulationRules>;
  readonly run: (simulation: Simulation) => Promise<void>;
}

export const SCRIPTS = {
  "plan at the frozen start of a topic that is gone": {
    run: async (simulation) => {
      await planAtFrozenStart(simulation);
      await tick(simulation);
      await pass(simulation, SLEEP_MS);
    },
  },
  "plan at the frozen start of a topic that is gone, with fail": {
    rules: { onTopicRecreated: "fail" },
    run: async (simulation) => {
      await planAtFrozenStart(simulation);
      await pass(simulation, SLEEP_MS);
    },
  },
  "anchor at the end of a topic that is gone": {
    rules: { startingOffsets: "latest" },
    run: async (simulation) => {
      recreate(simulation);
      await sleepAfter(simulation, ASKS_FOR_IDS, { times: 2 });
      recreate(simulation);
      await pass(simulation, SLEEP_MS);
    },
  },
  "begin at what another topic's log is listed with": {
    run: async (simulation) => {
      simulation.cluster.append(0, RECORDS);
      await sleepAfter(simulation, READS_CHAIN);
      recreate(simulation);
      await pass(simulation, SLEEP_MS);
    },
  },
  "go on to the end of another topic's log": {
    run: async (simulation) => {
      simulation.cluster.append(0, RECORDS);
      await tick(simulation);
      await sleepAfter(simulation, READS_CHAIN);
      recreate(simulation);
      await tick(simulation);
      await pass(simulation, SLEEP_MS);
    },
  },
  "read what a truncation takes the marker of": {
    run: async (simulation) => {
      const { cluster } = simulation;
      cluster.begin(0, RECORDS, 101n);
      for (const transaction of [...cluster.openTransactions]) {
        cluster.end(transaction, "committed");
      }
      await sleepAfter(simulation, FETCHES, { sleepMs: NAP_MS });
      cluster.excuse(0, "the log was truncated");
      cluster.truncate(0, 0n);
      await pass(simulation, NAP_MS);
    },
  },
  "cut through a commit without outputs, whose answer is lost": {
    rules: { output: "postgres" },
    run: async (simulation) => {
      const { world, cluster, deployment } = simulation;
      cluster.begin(0, RECORDS, 101n);
      for (const transaction of [...cluster.openTransactions]) {
        cluster.end(transaction, "aborted");
      }
      await sleepAfter(simulation, COMMITS);
      await pass(simulation, SLEEP_MS);
      world.after(0, () => void deployment.operate({ verb: "skipUntil", partition: 0, fromOffset: 0n, offset: 1n }));
      await pass(simulation, NAP_MS);
      await tick(simulation);
    },
  },
} as const satisfies Readonly<Record<string, Script>>;

export type ScriptName = keyof typeof SCRIPTS;

/** The first violation; `onEnd` looks at what is there when everything is done, or at the violation. */
export async function playScript(
  name: ScriptName,
  onEnd: (simulation: Simulation) => void = () => {},
): Promise<FoundViolation | undefined> {
  const { rules, run }: Script = SCRIPTS[name];
  const played: Simulation[] = [];
  const violation = await play(new World(1), calm(rules ?? {}), async (simulation) => {
    played.push(simulation);
    await run(simulation);
  });
  for (const simulation of played) {
    onEnd(simulation);
  }
  return violation;
}

async function planAtFrozenStart(simulation: Simulation): Promise<void> {
  simulation.cluster.append(0, RECORDS);
  simulation.cluster.deleteBelow(0, 2n);
  await sleepAfter(simulation, WRITES_STARTS);
  recreate(simulation);
  await tick(simulation);
}
