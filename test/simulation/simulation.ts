// Simulation
//
// One run of the whole system from one seed: faults for a number of events, then
// none, until everything is done. Every write is audited as it takes effect; the
// first violation ends the run.

import type { DatedLetter } from "../../functions/cli/letters/letter-fate.ts";
import type { ChainKey } from "../../shared/core/range/range-record.ts";
import { START } from "../support/fake-clock.ts";
import { OutputsAudit } from "./audit/audit-outputs.ts";
import { PositionsAudit } from "./audit/audit-positions.ts";
import { RangesAudit } from "./audit/audit-ranges.ts";
import { RequestsAudit } from "./audit/audit-requests.ts";
import { ForgottenGaps } from "./audit/forgotten-gaps.ts";
import { SimulatedBrokers } from "./cluster/simulated-brokers.ts";
import { SimulatedCluster } from "./cluster/simulated-cluster.ts";
import { Deployment } from "./deployment.ts";
import { heal } from "./heal.ts";
import { createOutput } from "./outputs/create-output.ts";
import { type OutputKind, outputOfSeed, rejectsOfSeed } from "./outputs/output-kind.ts";
import type { Simulation } from "./simulated-system.ts";
import { SimulatedDynamoDB } from "./table/simulated-dynamodb.ts";
import { Network } from "./world/network.ts";
import { drawRules, MANY_ATTEMPTS, type SimulationRules } from "./world/simulation-rules.ts";
import { Violation } from "./world/violation.ts";
import { installWorld } from "./world/virtual-globals.ts";
import { type Actor, World } from "./world/world.ts";
import { WorldEvents } from "./world-events.ts";

export interface SimulationOptions {
  readonly seed: number;
  /** Events before the faults stop: of a run whose outputs take more of them, so many times more. */
  readonly steps: number;
  /** @default - as the seed says */
  readonly output?: OutputKind;
  /** @default - as the seed says */
  readonly rejects?: boolean;
  readonly onLine?: (line: string) => void;
}

/**
 * How many times the events an attempt has with this output, about: each of its transactions takes ten requests. Faults do not
 * stop later for it than after a time in which no table forgets what it must not.
 */
const EVENT_SHARES: Partial<Readonly<Record<OutputKind, number>>> = { kafka: 3 };
const MAX_FAULTS_MS = 400_000;

export interface SimulationResult {
  readonly seed: number;
  readonly steps: number;
  /** Of all events: the same for the same seed. */
  readonly hash: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly violation: FoundViolation | undefined;
}

export interface FoundViolation {
  readonly invariant: string;
  readonly message: string;
  readonly step: number;
  readonly trace: readonly string[];
}

export async function simulate({
  seed,
  steps,
  output = outputOfSeed(seed),
  rejects = rejectsOfSeed(seed),
  onLine,
}: SimulationOptions): Promise<SimulationResult> {
  const world = new World(seed);
  world.trace.onLine = onLine ?? world.trace.onLine;
  const violation = await play(world, drawRules(world, { output, rejects }), async ({ events }) => {
    world.after(0, () => events.start());
    const most = steps * (EVENT_SHARES[output] ?? 1);
    while (world.steps < steps || (world.steps < most && world.now - START < MAX_FAULTS_MS)) {
      await world.step();
    }
  });
  return { seed, steps: world.steps, hash: world.trace.hash, counts: world.trace.counts, violation };
}

/** Runs what the script makes happen, and then without a fault until everything is done; answers the first violation. */
export async function play(
  world: World,
  rules: SimulationRules,
  script: (simulation: Simulation) => Promise<void>,
): Promise<FoundViolation | undefined> {
  const restore = installWorld(world);
  try {
    const simulation = createSimulation(world, rules);
    world.afterStep = () => {
      const [first] = simulation.violations;
      if (first !== undefined) {
        throw first;
      }
    };
    await script(simulation);
    await heal(simulation);
    return undefined;
  } catch (error) {
    return explain(error, world);
  } finally {
    restore();
  }
}

function createSimulation(world: World, rules: SimulationRules): Simulation {
  world.log("rules", describe(rules));
  const network = new Network(world, rules.rates);
  const cluster = new SimulatedCluster(world, rules);
  const brokers = new SimulatedBrokers(world, network, cluster);
  const dynamodb = new SimulatedDynamoDB(world, network);
  const deadLetters = new Map<string, DatedLetter[]>();
  const store = createOutput(rules.output, { world, network, cluster });
  world.trace.count(`output ${rules.output}`);
  const deployment = new Deployment({ world, network, cluster, brokers, dynamodb, store, deadLetters }, rules);
  const violations: Violation[] = [];
  const report = (invariant: string, message: string) => void violations.push(new Violation(invariant, message));
  const ranges = new RangesAudit({ world, cluster, rules, report, deadLetters });
  const outputs = new OutputsAudit({ cluster, rules, report, store, deadLetters });
  const requests = new RequestsAudit(world, report);
  const positions = store?.audited === undefined ? undefined : new PositionsAudit(report, store, store.audited);
  dynamodb.onWrite = (applied) => {
    try {
      outputs.check(applied);
      ranges.check(applied);
      requests.check(applied);
      positions?.check(applied);
    } catch (error) {
      // It would only reach whoever made the write.
      report("audit", error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  };
  const gaps = new ForgottenGaps();
  const isCut = (chain: ChainKey) => outputs.isCut(chain) || positions?.isCut(chain) === true;
  deployment.onSurprise = (actor, error, chain) => {
    if (chain !== undefined && isNamed(error, "LedgerIntegrityError") && isCut(chain)) {
      cluster.excuseChain(chain.topicId, chain.partition, "an operator cut through what the store has");
    }
    if (chain !== undefined && isNamed(error, "LedgerIntegrityError") && gaps.has(chain)) {
      cluster.excuseChain(chain.topicId, chain.partition, "the table has forgotten what was never processed");
    }
    // What has few attempts may use them up.
    const isUsedUp = chain !== undefined && rules.maxAttempts < MANY_ATTEMPTS;
    const isExcused = isUsedUp || (chain !== undefined && cluster.excuseOf(chain) !== undefined);
    if (!isExcused && !isExpected(actor, error)) {
      report("errors", `${actor.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  };
  dynamodb.onForget = (item) => {
    requests.noteForgotten(item);
    gaps.note(item);
  };
  deployment.onAnswer = (answer) => requests.checkAnswer(answer);
  deployment.onOutcome = (actor, range, { kind }) => ranges.checkOutcome(actor, range, kind);
  const events = new WorldEvents({ world, network, cluster, dynamodb, deployment, ranges });
  return {
    world,
    network,
    cluster,
    dynamodb,
    deployment,
    ranges,
    outputs,
    positions,
    store,
    deadLetters,
    events,
    violations,
  };
}

/** What a function may end with while the world is in disorder; a reprocess request may be refused. */
function isExpected(actor: Actor, error: unknown): boolean {
  const { name, message } = error instanceof Error ? error : { name: "", message: "" };
  const isRefusal = name === "ConfigurationError" && /^nothing was reprocessed|was used on/.test(message);
  const isOperators = name === "ConfigurationError" && actor.kind === "operator";
  return isOperators || isRefusal || name === "LedgerUnavailableError" || name === "RangeReadError";
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function explain(error: unknown, { steps, trace }: World): FoundViolation {
  if (!(error instanceof Violation)) {
    throw error;
  }
  return { invariant: error.invariant, message: error.message, step: steps, trace: trace.last() };
}

function describe(rules: SimulationRules): string {
  return JSON.stringify(rules, (_, value: unknown) => (typeof value === "bigint" ? value.toString() : value));
}
