// How a pipeline begins when several runs begin it: whatever each of them saw of the
// log, in whichever order their steps come, and wherever they die. A failure prints
// the seed and path that replay it; PROPERTY_RUNS=5000 searches longer.

import { setImmediate } from "node:timers/promises";
import fc, { type Scheduler } from "fast-check";
import { expect, test } from "vitest";
import type { SchedulerRules } from "../../functions/scheduler/deps/scheduler-deps.ts";
import { LedgerUnavailableError, RangeReadError } from "../../shared/core/errors.ts";
import { formatTopicPartition, type TopicPartition } from "../../shared/core/range/topic-partition.ts";
import type { OffsetSource, OffsetSpec, PartitionMetadata } from "../../shared/core/source/offset-source.ts";
import { verifyChain } from "../../shared/core/verify/verify-chain.ts";
import { START } from "../support/fake-clock.ts";
import { type Actor, createFaultyLedger, newActor } from "../support/ledger/faulty-ledger.ts";
import { createSchedulerBench } from "../support/pipeline/scheduler-bench.ts";

const RUNS = Number(process.env["PROPERTY_RUNS"] ?? 300);
const MAX_SCHEDULERS = 3;
const MAX_HEALING_ROUNDS = 50;
const PARTITIONS: readonly TopicPartition[] = [
  { topic: "orders", partition: 0 },
  { topic: "orders", partition: 1 },
  { topic: "payments", partition: 0 },
];

/** How the pipeline is told where to start; by time, what no record matches starts at latest. */
type Starting = "earliest" | "latest" | "timestamp";

type Step =
  | { readonly kind: "run"; readonly steps: number }
  | { readonly kind: "tick" | "complete" | "create" }
  | { readonly kind: "kill"; readonly actor: number }
  | { readonly kind: "cutOff"; readonly actor: number; readonly fault: "lostRequest" | "lostAnswer" }
  | { readonly kind: "produce" | "deleteBelow"; readonly partition: number; readonly count: number }
  | { readonly kind: "hide" | "show"; readonly partition: number };

const partition = fc.nat({ max: PARTITIONS.length - 1 });
const actor = fc.nat({ max: MAX_SCHEDULERS - 1 });
const count = fc.integer({ min: 1, max: 4 });
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("run" as const), steps: fc.integer({ min: 1, max: 12 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("tick" as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("complete" as const, "create" as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("produce" as const, "deleteBelow" as const), partition, count }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom("hide" as const, "show" as const), partition }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("kill" as const), actor }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("cutOff" as const),
      actor,
      fault: fc.constantFrom("lostRequest" as const, "lostAnswer" as const),
    }),
  },
);

/** Overlapping runs of one pipeline's scheduler, from before its first one on. */
class BeginningPipeline {
  readonly #scheduler: Scheduler;
  readonly #starting: Starting;
  readonly bench = createSchedulerBench(2);
  readonly #actors: Actor[] = [];
  /** What Kafka ever answered, as `latest orders-0`. */
  readonly #seen = new Map<string, Set<bigint>>();
  readonly surprises: unknown[] = [];

  constructor(scheduler: Scheduler, starting: Starting) {
    this.#scheduler = scheduler;
    this.#starting = starting;
  }

  async take(step: Step): Promise<void> {
    const { log, source } = this.bench;
    switch (step.kind) {
      case "run":
        return this.#run(step.steps);
      case "tick":
        void (this.#actors.length < MAX_SCHEDULERS ? this.#tick(newActor("scheduler")) : undefined);
        return;
      case "complete":
        return this.bench.completeAll();
      case "create":
        return void (log.partitionCount("payments") === 0 ? log.createTopic("payments", 1) : undefined);
      case "kill":
        return this.#kill(step.actor);
      case "cutOff":
        return void Object.assign(this.#actors[step.actor] ?? {}, { fault: step.fault });
      case "hide":
        return source.failListing(nth(step.partition), new RangeReadError("leader is away"));
      case "show":
        return source.failListing(nth(step.partition), undefined);
      case "produce":
      case "deleteBelow":
        return this.#changeLog(step);
    }
  }

  /** No more faults: runs and processors until nothing is left to do. False when that never ends. */
  async heal(): Promise<boolean> {
    for (const one of PARTITIONS) {
      this.bench.source.failListing(one, undefined);
    }
    for (let round = 0; round < MAX_HEALING_ROUNDS; round += 1) {
      const outcome = await this.#scheduler.waitFor(this.#tick(newActor("healer")));
      this.bench.completeAll();
      if (outcome?.partitions.every(({ kind }) => kind === "idle")) {
        await this.#run(Number.POSITIVE_INFINITY);
        this.bench.completeAll();
        return true;
      }
    }
    return false;
  }

  /** Where a run may have begun this partition, by what Kafka answered. */
  seenStarts(name: string, isFirst: boolean): readonly bigint[] {
    const asked = isFirst ? this.#starting : "earliest";
    const kinds = asked === "timestamp" ? ["timestamp", "latest"] : [asked];
    return kinds.flatMap((kind) => [...(this.#seen.get(`${kind} ${name}`) ?? [])]);
  }

  async #tick(one: Actor) {
    this.#actors.push(one);
    const pause = (what: string) => this.#scheduler.schedule(Promise.resolve(), what);
    const ledger = createFaultyLedger(this.bench.ledger, one, pause);
    const rules = { ...rulesOf(this.#starting), selection: { topicPattern: ".*" } };
    try {
      return await this.bench.tick(rules, { ledger, source: this.#watched(pause) });
    } catch (error) {
      return void (error instanceof LedgerUnavailableError ? undefined : this.surprises.push(error));
    } finally {
      this.#forget(one);
    }
  }

  /** Every answer of Kafka takes its time, and is remembered. */
  #watched(pause: (what: string) => Promise<void>): OffsetSource {
    const { source } = this.bench;
    const listOffsets: OffsetSource["listOffsets"] = async (partitions, spec, isolationLevel) => {
      await pause(`asks for ${nameOf(spec)}`);
      const answers = await source.listOffsets(partitions, spec, isolationLevel);
      for (const [index, answer] of answers.entries()) {
        this.#remember(`${nameOf(spec)} ${formatTopicPartition(partitions[index] as PartitionMetadata)}`, answer);
      }
      await pause(`hears of ${nameOf(spec)}`);
      return answers;
    };
    return { ...source, listOffsets };
  }

  #remember(key: string, answer: { readonly kind: string; readonly offset?: bigint | undefined }): void {
    if (answer.offset !== undefined) {
      this.#seen.set(key, (this.#seen.get(key) ?? new Set()).add(answer.offset));
    }
  }

  async #run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      // Lets every run come to its next step.
      await setImmediate();
      if (this.#scheduler.count() === 0) {
        return;
      }
      await this.#scheduler.waitNext(1);
    }
  }

  #changeLog({ kind, partition: index, count: records }: Extract<Step, { kind: "produce" | "deleteBelow" }>): void {
    const { log } = this.bench;
    const of = nth(index);
    const found = log.partition(of);
    if (found === undefined) {
      return;
    }
    if (kind === "produce") {
      const values = Array.from({ length: records }, () => "value");
      log.append(of, values);
      this.bench.clock.advance(1);
      return;
    }
    const end = BigInt(found.stored.length);
    const beginning = found.beginningOffset + BigInt(records);
    log.deleteBelow(of, beginning < end ? beginning : end);
  }

  #kill(index: number): void {
    const one = this.#actors[index];
    if (one !== undefined) {
      one.isKilled = true;
      this.#forget(one);
    }
  }

  #forget(one: Actor): void {
    const at = this.#actors.indexOf(one);
    void (at < 0 ? undefined : this.#actors.splice(at, 1));
  }
}

function rulesOf(starting: Starting): Partial<SchedulerRules> {
  return starting === "timestamp"
    ? { startingTimestamps: { timestamps: BigInt(START) + 3n, onNoMatch: "latest" } }
    : { startingOffsets: starting };
}

function nameOf(spec: OffsetSpec): string {
  return typeof spec === "string" ? spec : "timestamp";
}

function nth(index: number): TopicPartition {
  return PARTITIONS[index] as TopicPartition;
}

test(`G2: whatever overlapping first runs see, and wherever they die, one chain per partition, ${RUNS} runs`, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.constantFrom<Starting>("earliest", "latest", "timestamp"),
      fc.array(aStep, { minLength: 10, maxLength: 80, size: "max" }),
      async (scheduler, starting, steps) => {
        const pipeline = new BeginningPipeline(scheduler, starting);
        const { bench } = pipeline;
        const firstSet = watchFirstSet(bench);
        for (const step of steps) {
          await pipeline.take(step);
        }

        const isHealed = await pipeline.heal();

        expect(pipeline.surprises).toEqual([]);
        expect(isHealed).toBe(true);
        const chains = Map.groupBy(bench.ledger.all(), formatTopicPartition);
        for (const [name, records] of chains) {
          expect(verifyChain(records, { now: bench.clock.now(), mode: "live" })).toEqual([]);
          expect(pipeline.seenStarts(name, firstSet().has(name))).toContain(records[0]?.fromOffset);
        }
        expect(chains.size).toBe(2 + bench.log.partitionCount("payments"));
        expect(await bench.ledger.readPipeline("word-count")).not.toHaveProperty("starting");
      },
    ),
    { numRuns: RUNS, plugins: [fc.interruptAfterTimeLimit(90_000)] },
  );
});

/** The partitions that the pipeline's record was made with, as `orders-0`. */
function watchFirstSet({ ledger }: ReturnType<typeof createSchedulerBench>): () => ReadonlySet<string> {
  const writePipeline = ledger.writePipeline.bind(ledger);
  let names: ReadonlySet<string> = new Set();
  ledger.writePipeline = async (record) => {
    const isWritten = await writePipeline(record);
    if (isWritten && record.revision === 1) {
      const starting = record.starting ?? [];
      names = new Set(
        starting.flatMap(({ topic, partitions }) => partitions.map((one) => formatTopicPartition({ topic, ...one }))),
      );
    }
    return isWritten;
  };
  return () => names;
}
