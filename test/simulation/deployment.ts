// Deployment
//
// The two functions as they are deployed: production code over the simulated
// network, each invocation an actor with its time-out and its own clock, and Lambda
// in between, which loses events, delivers them twice, and late.

import { type DatedLetter, fatesOf, type LetterFate } from "../../functions/cli/letters/letter-fate.ts";
import type { OutputProof } from "../../functions/cli/outputs/output-proof.ts";
import { proveOutputs } from "../../functions/cli/outputs/prove-outputs.ts";
import type { ProcessOutcome, ProcessorDeps } from "../../functions/processor/attempt/processor-deps.ts";
import { openInvocation } from "../../functions/processor/open-invocation.ts";
import type { ProcessFunction } from "../../functions/processor/session/processing-range.ts";
import type { SchedulerDeps, SchedulerRules } from "../../functions/scheduler/deps/scheduler-deps.ts";
import type { ReprocessOutcome } from "../../functions/scheduler/reprocess/reprocess.ts";
import { runScheduler, type SchedulerOutcome } from "../../functions/scheduler/run-scheduler.ts";
import { DeadLetterError } from "../../shared/core/errors.ts";
import { type DeadLetterTarget, deadLetterId } from "../../shared/core/failure/dead-letter.ts";
import type { RangeLedger } from "../../shared/core/ledger/range-ledger.ts";
import type { ChainKey, RangeRecord } from "../../shared/core/range/range-record.ts";
import { createDynamoDBRangeLedger } from "../../shared/dynamodb/sdk-range-ledger.ts";
import { createKafkaOffsetSource } from "../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../shared/kafka/read/range-reader.ts";
import { createLambdaRangeDispatcher, type EventInvoker } from "../../shared/lambda/range-dispatcher.ts";
import { decodeRangeMessage, encodeRangeMessage } from "../../shared/wire/events/range-message.ts";
import type { SchedulerEvent } from "../../shared/wire/events/scheduler-event.ts";
import { processRange } from "../support/pipeline/process-range.ts";
import { letterNameOf } from "./audit/range-view.ts";
import { BOOTSTRAP_SERVERS, type SimulatedBrokers } from "./cluster/simulated-brokers.ts";
import { type SimulatedCluster, TOPIC } from "./cluster/simulated-cluster.ts";
import type { AnyOutput, SimulatedOutput } from "./outputs/simulated-output.ts";
import { type PipelineCode, pipelineCode, rowOf, type Style, withCount } from "./pipeline-code.ts";
import type { SimulatedDynamoDB } from "./table/simulated-dynamodb.ts";
import type { Network } from "./world/network.ts";
import { type OperatorAct, operate, silent } from "./world/operator.ts";
import type { SimulationRules } from "./world/simulation-rules.ts";
import type { Actor, World } from "./world/world.ts";

const PIPELINE = "word-count";
const TABLE = "ledger";
const OPERATOR_MS = 600_000;
const INVOKE_TIMEOUT_MS = 5_000;
const EVENT_DELAY_MS = 300;
const LATE_EVENT_MS = 120_000;
const THROTTLED_MS = 20_000;
/** How code may write into the ledger's own transactions. */
const STYLES = ["return", "commitRecords", "commitBatches", "commitSome"] as const;
/** The record at which code crashes that crashes at all. */
const MAX_CRASH_AT = 6;

export interface DeploymentParts {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
  readonly brokers: SimulatedBrokers;
  readonly dynamodb: SimulatedDynamoDB;
  /** Absent where outputs go into the ledger's own transactions. */
  readonly store: SimulatedOutput | undefined;
  /** The letters that were kept, as audit/range-view.ts names them. */
  readonly deadLetters: Map<string, DatedLetter[]>;
}

export class Deployment {
  readonly #parts: DeploymentParts;
  rules: SimulationRules;
  readonly #running = new Set<Actor>();
  /** Called with what an invocation threw, or halted on. */
  onSurprise: (actor: Actor, error: unknown, chain?: ChainKey) => void = () => {};
  /** Called with what a processor made of the range that it was given. */
  onOutcome: (actor: Actor, range: RangeRecord, outcome: ProcessOutcome) => void = () => {};
  /** Called with what the scheduler answers of a request. */
  onAnswer: (answer: ReprocessOutcome) => void = () => {};

  constructor(parts: DeploymentParts, rules: SimulationRules) {
    this.#parts = parts;
    this.rules = rules;
  }

  get running(): readonly Actor[] {
    return [...this.#running];
  }

  /** One invocation of the scheduler; undefined when it failed or never ends. */
  async schedule(event: SchedulerEvent): Promise<SchedulerOutcome | undefined> {
    const { world } = this.#parts;
    const actor = this.#start("scheduler", this.rules.schedulerTimeoutMs);
    try {
      const outcome = await world.runAs(actor, () =>
        runScheduler(this.#schedulerDeps(actor), this.#schedulerRules(), event),
      );
      for (const { kind } of [
        ...(outcome.batch?.partitions ?? []),
        ...outcome.reprocess.flatMap(({ ranges }) => ranges),
      ]) {
        world.trace.count(`partition ${kind}`);
      }
      world.log(actor.name, `has run: ${describeOutcome(outcome)}`);
      for (const answer of outcome.reprocess) {
        this.onAnswer(answer);
      }
      return outcome;
    } catch (error) {
      world.log(actor.name, `failed: ${String(error)}`);
      this.onSurprise(actor, error);
      return undefined;
    } finally {
      this.#running.delete(actor);
    }
  }

  /** One command of an operator, who reads what it says and goes on. */
  async operate(act: OperatorAct): Promise<void> {
    const { world } = this.#parts;
    const actor = this.#start("operator", OPERATOR_MS);
    world.log(actor.name, `wants to ${act.verb} ${act.partition ?? "the pipeline"}`);
    try {
      const deps = { ledger: this.#ledgerOf(actor) as RangeLedger<never>, now: () => world.now + actor.skewMs };
      await world.runAs(actor, () => operate(deps, PIPELINE, act, this.rules.retentionMs));
      world.trace.count(`operator ${act.verb}`);
    } catch (error) {
      world.log(actor.name, `failed: ${String(error)}`);
      this.onSurprise(actor, error);
    } finally {
      this.#running.delete(actor);
    }
  }

  /** What `ranges verify --outputs` finds. */
  async prove(): Promise<readonly OutputProof[]> {
    const { world, store } = this.#parts;
    const actor = this.#start("operator", OPERATOR_MS);
    const ledger = this.#ledgerOf(actor) as RangeLedger<never>;
    try {
      return await world.runAs(actor, async () => {
        const deps = { ledger, terminal: silent, now: () => world.now };
        return proveOutputs({ ...deps, ...((await store?.proving(actor)) ?? { positions: [] }) }, PIPELINE);
      });
    } finally {
      this.#running.delete(actor);
    }
  }

  /** What `ranges dead-letters` makes of the letters. */
  async judge(letters: readonly DatedLetter[]): Promise<readonly LetterFate[]> {
    const { world } = this.#parts;
    const actor = this.#start("operator", OPERATOR_MS);
    try {
      return await world.runAs(actor, () => fatesOf(this.#ledgerOf(actor) as RangeLedger<never>, letters));
    } finally {
      this.#running.delete(actor);
    }
  }

  #schedulerRules(): SchedulerRules {
    const { isolationLevel, startingOffsets, maxRecordsPerPartition, limits, maxAttempts } = this.rules;
    const { dispatchTimeoutMs, retentionMs, tickMs, processorTimeoutMs, onDataLoss, onTopicRecreated } = this.rules;
    return {
      pipeline: PIPELINE,
      selection: { topics: [TOPIC] },
      isolationLevel,
      startingOffsets,
      maxRecordsPerPartition,
      ...limits,
      batchIntervalMs: tickMs,
      processorTimeoutMs,
      maxAttempts,
      dispatchTimeoutMs,
      retentionMs,
      onDataLoss,
      onTopicRecreated,
    };
  }

  #schedulerDeps(actor: Actor): SchedulerDeps {
    const { world, brokers } = this.#parts;
    return {
      source: createKafkaOffsetSource({
        clientId: actor.name,
        bootstrapServers: BOOTSTRAP_SERVERS,
        connect: brokers.connectorOf(actor),
      }),
      // No scheduler carries outputs.
      ledger: this.#ledgerOf(actor) as RangeLedger<never>,
      dispatcher: createLambdaRangeDispatcher({
        invoker: this.#invokerOf(actor),
        functionName: "processor",
        encode: encodeRangeMessage,
      }),
      now: () => world.now + actor.skewMs,
      newId: () => world.newId(),
    };
  }

  #ledgerOf(actor: Actor) {
    const { world, dynamodb } = this.#parts;
    return createDynamoDBRangeLedger(dynamodb.clientOf(actor), {
      tableName: TABLE,
      pipeline: PIPELINE,
      newId: () => world.newId(),
      random: world.random,
    });
  }

  #invokerOf(actor: Actor): EventInvoker {
    const { world, network } = this.#parts;
    const invokeEvent = (functionName: string, payload: string) =>
      network.call(actor, {
        what: `Invoke ${functionName}`,
        timeoutMs: INVOKE_TIMEOUT_MS,
        apply: () => {
          if (world.chance(network.rates.throttle)) {
            world.trace.count("fault throttledInvoke");
            throw new Error("TooManyRequestsException");
          }
          this.#queueEvent(payload);
        },
        timeOut: () => new Error("TimeoutError"),
      });
    return { invokeEvent };
  }

  #queueEvent(payload: string): void {
    const { world } = this.#parts;
    const { lostEvents, doubledEvents, lateEvents } = this.rules;
    if (world.chance(lostEvents)) {
      world.trace.count("fault lostEvent");
      return;
    }
    const requestId = world.newId();
    const copies = world.chance(doubledEvents) ? 2 : 1;
    for (let copy = 1; copy <= copies; copy += 1) {
      const isLate = world.chance(lateEvents);
      for (const fault of [...(isLate ? ["lateEvent"] : []), ...(copy > 1 ? ["doubledEvent"] : [])]) {
        world.trace.count(`fault ${fault}`);
      }
      world.after(world.interval(isLate ? LATE_EVENT_MS : EVENT_DELAY_MS), () => this.#deliver(payload, requestId));
    }
  }

  #deliver(payload: string, requestId: string): void {
    const { world } = this.#parts;
    const processors = this.running.filter(({ kind }) => kind === "processor").length;
    if (processors >= this.rules.maxProcessors) {
      world.after(THROTTLED_MS, () => this.#deliver(payload, requestId));
      return;
    }
    void this.#process(payload, requestId);
  }

  async #process(payload: string, awsRequestId: string): Promise<void> {
    const { world } = this.#parts;
    const { processorTimeoutMs, isolationLevel, maxAttempts, retentionMs, onFailure, onDataLoss } = this.rules;
    const actor = this.#start("processor", processorTimeoutMs);
    const dispatch = decodeRangeMessage(JSON.parse(payload));
    const { chain, partition, fromOffset } = dispatch.record;
    world.log(actor.name, `gets ${chain.requestId ?? "live"} ${partition} from ${fromOffset}`);
    try {
      const outcome = await world.runAs(actor, async () => {
        using invocation = openInvocation({ awsRequestId, getRemainingTimeInMillis: () => actor.endsAt - world.now });
        const deps = this.#processorDeps(actor, chain);
        const rules = {
          isolationLevel,
          maxAttempts,
          retentionMs,
          onFailure,
          onDataLoss,
          maxQuarantinedPerRange: 1_000,
          maxOutageAttempts: maxAttempts,
        };
        return await processRange(deps, rules, dispatch, invocation);
      });
      this.onOutcome(actor, dispatch.record, outcome);
      this.#note(actor, outcome, chain);
    } catch (error) {
      world.log(actor.name, `failed: ${String(error)}`);
      this.onSurprise(actor, error, chain);
    } finally {
      this.#running.delete(actor);
    }
  }

  #note(actor: Actor, outcome: ProcessOutcome, chain: ChainKey): void {
    const { world } = this.#parts;
    world.trace.count(`outcome ${outcome.kind}`);
    world.log(
      actor.name,
      `${outcome.kind}${"error" in outcome ? `: ${String(outcome.error)}` : ""}${"reason" in outcome ? `: ${outcome.reason}` : ""}`,
    );
    if (outcome.kind === "halted") {
      this.onSurprise(actor, outcome.error, chain);
    }
  }

  #processorDeps(
    actor: Actor,
    { topicId, partition }: { topicId: string; partition: number },
  ): ProcessorDeps<AnyOutput> {
    const { world, brokers, store } = this.#parts;
    const code = { ...this.#drawCode(topicId, partition), rejects: this.rules.rejects, work: () => this.#work(actor) };
    return {
      ledger: this.#ledgerOf(actor) as RangeLedger<AnyOutput>,
      ...(store === undefined
        ? { process: pipelineCode({ ...code, outputOf: rowOf, withRest: withCount }) as ProcessFunction<AnyOutput> }
        : { process: pipelineCode({ ...code, outputOf: store.outputOf }), output: store.openFor(actor) }),
      reader: createKafkaRangeReader({
        clientId: actor.name,
        bootstrapServers: BOOTSTRAP_SERVERS,
        connect: brokers.connectorOf(actor),
        fetchMaxBytes: this.rules.fetchMaxBytes,
      }),
      deadLetters: this.#deadLettersOf(actor),
      now: () => world.now + actor.skewMs,
      random: world.random,
    };
  }

  #deadLettersOf(actor: Actor): DeadLetterTarget {
    const { world, network, deadLetters } = this.#parts;
    return {
      send: (letter) =>
        network.call(actor, {
          what: `SendMessage ${deadLetterId(letter)}`,
          timeoutMs: INVOKE_TIMEOUT_MS,
          apply: () => {
            const name = letterNameOf(letter);
            deadLetters.set(name, [...(deadLetters.get(name) ?? []), { ...letter, at: world.now + actor.skewMs }]);
          },
          timeOut: () => new DeadLetterError("the letter was not taken"),
        }),
    };
  }

  #drawCode(topicId: string, partition: number): Pick<PipelineCode<AnyOutput>, "style" | "crashAt"> {
    const { world, cluster, store } = this.#parts;
    const style = world.choose<Style>(...(store?.styles ?? STYLES));
    if (world.chance(this.rules.returnsEarly)) {
      cluster.excuseChain(topicId, partition, "the code returned early");
      return { style: "returnEarly", crashAt: 0 };
    }
    return { style, crashAt: world.chance(this.rules.crashes) ? 1 + world.integer(MAX_CRASH_AT) : 0 };
  }

  #work(actor: Actor): Promise<void> {
    const { world, network } = this.#parts;
    return world.chance(network.rates.slow) ? world.pause(world.interval(5_000), actor) : Promise.resolve();
  }

  #start(kind: Actor["kind"], timeoutMs: number): Actor {
    const { world, network } = this.#parts;
    const { maxSkewMs } = this.rules;
    const actor = world.newActor(kind, { skewMs: Math.round((2 * world.random() - 1) * maxSkewMs), lifeMs: timeoutMs });
    this.#running.add(actor);
    world.after(timeoutMs, () => {
      // What is frozen is no longer watched: it wakes up as a zombie.
      const isZombie = actor.frozenUntil > world.now && world.chance(0.7);
      if (this.#running.delete(actor) && !isZombie) {
        network.kill(actor, "at its time-out");
      }
    });
    return actor;
  }
}

function describeOutcome({ batch, reprocess }: SchedulerOutcome): string {
  const partitions = batch?.partitions.map(
    ({ partition, kind, fromOffset, untilOffset, reason }) =>
      `${partition} ${kind}${untilOffset === undefined ? "" : ` [${fromOffset}, ${untilOffset})`}${reason === undefined ? "" : ` (${reason})`}`,
  );
  const requests = reprocess.map(
    ({ requestId, closed, ranges }) => `${requestId} ${closed ? "closed" : ranges.map(({ kind }) => kind).join()}`,
  );
  return [...(partitions ?? []), ...requests].join("; ");
}
