// Heal
//
// The end of a run: no fault any more, and time passes. Every partition that nothing
// excuses gets to its log's end within a bounded number of scheduler runs, and then
// everything that was promised is there.

import type { LetterFate } from "../../functions/cli/letters/letter-fate.ts";
import type { OutputProof } from "../../functions/cli/outputs/output-proof.ts";
import type { PartitionAction } from "../../functions/scheduler/deps/partition-outcome.ts";
import type { SchedulerOutcome } from "../../functions/scheduler/run-scheduler.ts";
import { isOpen, viewRange } from "./audit/range-view.ts";
import { isVisible } from "./cluster/log-history.ts";
import { TOPIC } from "./cluster/simulated-cluster.ts";
import type { Simulation } from "./simulated-system.ts";
import { NO_FAULTS } from "./world/network.ts";
import { MANY_ATTEMPTS, NO_LIMITS } from "./world/simulation-rules.ts";
import { Violation } from "./world/violation.ts";

const TICK_MS = 60_000;
const RESUME_MS = 1_000;
/** The longest back-off is five minutes, a lease and a lost dispatch less; each may come more than once. */
const MAX_RUNS = 60;
/** Each bad record is looked for and tried alone. */
const MAX_SEARCH_RUNS = 300;
/** Everything that an invocation of before may still do. */
const SETTLE_MS = 900_000;
/** Far more than looking at everything takes. */
const PROVE_MS = 600_000;

export async function heal(simulation: Simulation): Promise<void> {
  const { world, network, cluster, deployment, events, store } = simulation;
  world.log("world", "no more faults");
  events.stop();
  network.rates = NO_FAULTS;
  cluster.heal();
  store?.heal();
  const calm = {
    lostEvents: 0,
    doubledEvents: 0,
    lateEvents: 0,
    crashes: 0,
    returnsEarly: 0,
    maxSkewMs: 0,
    processorTimeoutMs: 60_000,
  };
  deployment.rules = { ...deployment.rules, ...calm, maxRecordsPerPartition: 1_000n, limits: NO_LIMITS };
  await finish(simulation);
  await idle(simulation, SETTLE_MS);
  if (deployment.rules.every.timeLapse > 0) {
    await idle(simulation, 2 * deployment.rules.retentionMs);
    cluster.append(0, 1);
    await finish(simulation);
  }
  checkEnd(simulation);
  await checkStore(simulation);
  await checkLetters(simulation);
}

/** Takes every pause back. */
async function resume(simulation: Simulation): Promise<void> {
  const { world, cluster, deployment } = simulation;
  const scopes = [{}, ...Array.from({ length: cluster.partitionCount }, (_, partition) => ({ partition }))];
  for (const scope of scopes) {
    world.after(0, () => void deployment.operate({ verb: "resume", ...scope }));
    await pass(simulation, RESUME_MS);
  }
}

/** Until a run finds nothing to do any more. */
async function finish(simulation: Simulation): Promise<void> {
  const maxRuns = simulation.deployment.rules.poison > 0 ? MAX_SEARCH_RUNS : MAX_RUNS;
  for (let run = 1; run <= maxRuns; run += 1) {
    const outcome = await runOnce(simulation);
    if (outcome !== undefined && isDone(simulation, outcome)) {
      return;
    }
    if (outcome?.batch?.partitions.some(({ kind }) => kind === "paused") === true) {
      // An operator's pause of before arrived late.
      await resume(simulation);
    }
    for (const { partition } of outcome?.batch?.partitions.filter(({ kind }) => kind === "halted") ?? []) {
      simulation.world.after(0, () => void simulation.deployment.operate({ verb: "retry", partition }));
    }
  }
  throw new Violation("progress", `not everything is done after ${maxRuns} runs without a fault`);
}

/** Nothing but a run now and then, as often as a record has to be renewed. */
async function idle(simulation: Simulation, ms: number): Promise<void> {
  const everyMs = simulation.deployment.rules.retentionMs / 4;
  for (let passed = 0; passed < ms; passed += everyMs) {
    await runOnce(simulation);
    await pass(simulation, everyMs - TICK_MS);
  }
}

/** One scheduler run and what it sets off. */
async function runOnce(simulation: Simulation): Promise<SchedulerOutcome | undefined> {
  let outcome: SchedulerOutcome | undefined;
  simulation.world.after(0, () => {
    void simulation.deployment.schedule({ kind: "tick" }).then((result) => {
      outcome = result;
    });
  });
  await pass(simulation, TICK_MS);
  return outcome;
}

/** Lets so much time pass, with all that happens in it. */
export async function pass({ world }: Simulation, ms: number): Promise<void> {
  const until = world.now + ms;
  while (await world.step(until)) {
    // Each event is taken in its turn.
  }
}

function isDone({ cluster, deployment }: Simulation, { batch, reprocess }: SchedulerOutcome): boolean {
  const isSettled = ({ partition, kind }: Settled, requestId?: string) =>
    kind === "idle" ||
    // With few attempts a range may be halted; of the live chains the operator takes care.
    (kind === "halted" && requestId !== undefined && deployment.rules.maxAttempts < MANY_ATTEMPTS) ||
    cluster.excuseOf({ topicId: cluster.partition(partition).topicId, partition, requestId }) !== undefined;
  return (
    batch?.partitions.every((partition) => isSettled(partition)) === true &&
    reprocess.every(
      ({ requestId, closed, ranges, failure }) =>
        closed || (failure === undefined && ranges.every((range) => isSettled(range, requestId))),
    )
  );
}

interface Settled extends PartitionAction {
  readonly partition: number;
}

function checkEnd({ world, cluster, deployment, dynamodb, ranges, outputs, store }: Simulation): void {
  const { isolationLevel } = deployment.rules;
  for (let partition = 0; partition < cluster.partitionCount; partition += 1) {
    const { topicId } = cluster.partition(partition);
    const name = `${TOPIC}-${partition}`;
    if (cluster.excuseOf({ topicId, partition }) !== undefined) {
      continue;
    }
    const end = cluster.endOffset(partition, isolationLevel);
    const checkpoint = ranges.checkpoint(topicId, partition);
    if (checkpoint !== end) {
      throw new Violation("progress", `${name} is processed up to ${checkpoint}, but ends at ${end}`);
    }
    const owed = cluster
      .historyOf(topicId, partition)
      .visible(isolationLevel, { from: ranges.start(topicId, partition), until: end });
    const done = new Set(outputs.valuesOf(topicId, partition));
    const history = cluster.historyOf(topicId, partition);
    const lost = owed.filter(
      (value) => !done.has(value) && !ranges.isGivenUp({ topicId, partition }, history.find(value)?.offset),
    );
    if (lost.length > 0) {
      throw new Violation("G5", `${name} lost ${lost.join(", ")}`);
    }
    world.trace.count("partition done");
  }
  checkEndedTopics(deployment.rules.onTopicRecreated, cluster, ranges);
  const counted = dynamodb.table.all().find(({ pk }) => pk?.S === "counts")?.["rowCount"]?.N ?? "0";
  if (store === undefined && BigInt(counted) !== BigInt(outputs.rowCount)) {
    throw new Violation("G5", `${outputs.rowCount} rows were written, but ${counted} counted`);
  }
}

/** A store of outputs has what took effect, and `ranges verify --outputs` finds nothing wrong with it. */
async function checkStore(simulation: Simulation): Promise<void> {
  const { world, cluster, dynamodb, outputs, positions, store, deployment } = simulation;
  if (store === undefined) {
    return;
  }
  const ranges = dynamodb.table.all().flatMap((item) => viewRange(item) ?? []);
  outputs.checkEnd(ranges.filter(isOpen));
  positions?.checkEnd();
  let proofs: readonly OutputProof[] | undefined;
  world.after(0, () => {
    void deployment.prove().then((found) => {
      proofs = found;
    });
  });
  await pass(simulation, PROVE_MS);
  if (proofs === undefined) {
    throw new Violation("verify", "ranges verify --outputs did not come to an end");
  }
  // This table keeps ranges for minutes, less than the command reckons with: objects of those that are forgotten are
  // told as nobody's, and those that truly are were told above. What an operator has given up while the store had more
  // of it stays told.
  // The ranges of a topic that is gone are renewed no more, and forgotten in no order.
  const isRecreated = cluster.topicIds.length > 1;
  const isTrue = (kind: string) =>
    kind === "objectStray" ||
    (kind === "positionAhead" && (outputs.hasGivenUp || isRecreated)) ||
    // Of a partition that was planned, and not noted yet, as its topic was re-created.
    (kind === "positionStray" && isRecreated);
  const problems = proofs.flatMap((proof) => proof.problems).filter(({ kind }) => !isTrue(kind));
  if (problems.length > 0) {
    throw new Violation("verify", problems.map(({ kind, message }) => `${kind}: ${message}`).join("; "));
  }
}

/** What the ledger says of a letter's record is what became of it: none that took effect would be redriven. */
async function checkLetters({ deadLetters, ...simulation }: Simulation): Promise<void> {
  const { world, cluster, outputs, deployment } = simulation;
  const letters = [...deadLetters.values()].flat();
  let fates: readonly LetterFate[] | undefined;
  world.after(0, () => {
    void deployment.judge(letters).then((found) => {
      fates = found;
    });
  });
  await pass({ ...simulation, deadLetters }, PROVE_MS);
  if (fates === undefined) {
    throw new Violation("verify", "ranges dead-letters did not come to an end");
  }
  for (const [index, { chain, offset }] of letters.entries()) {
    const fate = fates[index] ?? "unknown";
    world.trace.count(`letter ${fate}`);
    const hasEffect = outputs.hasEffect(chain, offset);
    const stood = cluster.historyOf(chain.topicId, chain.partition).at(offset);
    const isOwed = stood.every((one) => isVisible(one, deployment.rules.isolationLevel) && !one.isCompacted);
    const isWrong = fate === "processed" ? isOwed && !hasEffect : GIVEN_UP.has(fate) && hasEffect;
    if (isWrong) {
      throw new Violation(
        "RD2",
        `${chain.requestId ?? "live"} ${offset} is ${fate}, and ${hasEffect ? "took" : "had no"} effect`,
      );
    }
  }
}

const GIVEN_UP: ReadonlySet<LetterFate> = new Set(["rejected", "givenUp"]);

/** Once a topic that was re-created is read, nothing of the one before is left to be driven by nobody. */
function checkEndedTopics(
  onTopicRecreated: "fail" | "restart",
  cluster: Simulation["cluster"],
  ranges: Simulation["ranges"],
): void {
  const present = cluster.partition(0).topicId;
  const left = onTopicRecreated === "restart" && ranges.isStarted(present) ? ranges.openBeside(new Set([present])) : [];
  if (left.length > 0) {
    throw new Violation("RT2", `${left.join(", ")} of a topic that is gone, open for ever`);
  }
}
