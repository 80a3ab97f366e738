// Simulated pipeline
//
// Schedulers and processors as they are deployed, over a simulated ledger, clock and
// Kafka. A fast-check scheduler orders every step of every actor; `take` does what
// else may happen to them.

import { setImmediate } from "node:timers/promises";
import type { Scheduler } from "fast-check";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { type BatchOutcome, scheduleBatch } from "../../../functions/scheduler/schedule-batch.ts";
import { CorruptRecordError, DeadlineError, LedgerUnavailableError } from "../../../shared/core/errors.ts";
import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { BatchRules } from "../../../shared/core/plan/plan-batch.ts";
import { unprocessedPart } from "../../../shared/core/range/offset-outcomes.ts";
import { planRules, processorRules } from "../builders/builders.ts";
import { createFakeClock } from "../fake-clock.ts";
import { createFakeKafkaLog, type StoredOffset } from "../kafka/fake-kafka-log.ts";
import { createFakeOffsetSource } from "../kafka/fake-offset-source.ts";
import { createFakeRangeReader } from "../kafka/fake-range-reader.ts";
import { createAuditedLedger } from "../ledger/audited-ledger.ts";
import { type Actor, createFaultyLedger, newActor } from "../ledger/faulty-ledger.ts";
import { processRange } from "./process-range.ts";
import { createRecordingDeadLetters } from "./recording-dead-letters.ts";
import { createRecordingDispatcher } from "./recording-dispatcher.ts";
import { type OperatorVerb, operate, resumeAll } from "./simulated-operator.ts";

export const PARTITIONS = 2;
const PIPELINE = "word-count";
const MAX_PROCESSORS = 3;
const MAX_HEALING_ROUNDS = 200;

/** How the pipeline's code writes: with the completion, or by commits of its own. */
export type Style = "return" | "commitRecords" | "commitBatches";

/** What happens next to the pipeline. `actor` and `event` count through what there is. */
export type Step =
  | { readonly kind: "run"; readonly steps: number }
  | {
      readonly kind: "produce";
      readonly partition: number;
      readonly count: number;
      readonly how: "plain" | "committed" | "aborted";
    }
  | { readonly kind: "tick"; readonly scheduler: number }
  | {
      readonly kind: "deliver";
      readonly event: number;
      readonly isDuplicate: boolean;
      readonly style: Style;
      /** Throws at this record of the range; 0 throws never. */
      readonly crashAt: number;
    }
  | { readonly kind: "lose"; readonly event: number }
  | { readonly kind: "kill" | "freeze" | "timeUp"; readonly actor: number }
  | { readonly kind: "thaw" }
  | { readonly kind: "cutOff"; readonly actor: number; readonly fault: "lostRequest" | "lostAnswer" }
  | { readonly kind: "operate"; readonly verb: OperatorVerb; readonly partition: number }
  | { readonly kind: "clock"; readonly ms: number };

interface Running extends Actor {
  readonly deadline: AbortController;
  readonly lastCall: AbortController;
}

export class SimulatedPipeline {
  readonly #scheduler: Scheduler;
  readonly #rules: BatchRules;
  readonly clock = createFakeClock();
  readonly log = createFakeKafkaLog(this.clock.now);
  readonly ledger = createAuditedLedger();
  readonly #source = createFakeOffsetSource(this.log);
  readonly #dispatcher = createRecordingDispatcher();
  readonly #events: RangeDispatch[] = [];
  readonly #processors: Running[] = [];
  readonly #frozen: Running[] = [];
  readonly #schedulers = new Map<number, Actor>();
  /** What went wrong although no fault explains it. */
  readonly surprises: unknown[] = [];
  readonly #isPoison: (value: string) => boolean;
  readonly deadLetters = createRecordingDeadLetters();
  #ids = 0;

  /** Records for which `isPoison` holds are refused by the pipeline's code each time, and quarantined. */
  constructor(
    scheduler: Scheduler,
    { rules = {}, isPoison = () => false }: { rules?: Partial<BatchRules>; isPoison?: (value: string) => boolean } = {},
  ) {
    this.#isPoison = isPoison;
    this.#scheduler = scheduler;
    this.#rules = planRules({ maxRecordsPerPartition: 5n, maxAttempts: 1_000, ...rules });
    this.log.createTopic("orders", PARTITIONS);
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case "run":
        return this.#run(step.steps);
      case "produce":
        return this.#produce(step);
      case "tick":
        return this.#tick(step.scheduler);
      case "deliver":
        return this.#deliver(step);
      case "lose":
        return void this.#takeEvent(step.event, false);
      case "kill":
        return this.#kill(pick([...this.#schedulers.values(), ...this.#processors], step.actor));
      case "freeze":
        return this.#freeze(pick(this.#processors, step.actor));
      case "thaw":
        return this.#thaw();
      case "timeUp":
        return this.#endTime(pick(this.#processors, step.actor));
      case "cutOff": {
        const actor = pick([...this.#schedulers.values(), ...this.#processors], step.actor);
        return void (actor === undefined ? undefined : Object.assign(actor, { fault: step.fault }));
      }
      case "operate":
        return void this.#operate(step);
      case "clock":
        return this.clock.advance(step.ms);
    }
  }

  /**
   * No more faults and pauses: one scheduler, and processors that live as long as they need,
   * beside whatever wakes up late. False when that never ends.
   */
  async heal(): Promise<boolean> {
    for (let round = 0; round < MAX_HEALING_ROUNDS; round += 1) {
      this.clock.advance(400_000);
      await resumeAll(this.ledger, PIPELINE);
      const outcome = await this.#scheduler.waitFor(this.#schedule(newActor("healer")));
      this.#events.push(...this.#dispatcher.take());
      await this.#scheduler.waitFor(
        Promise.all(this.#events.splice(0).map((dispatch) => this.#process(dispatch, "return", 0))),
      );
      this.#thaw();
      if (outcome?.partitions.every(({ kind }) => kind === "idle")) {
        await this.#run(Number.POSITIVE_INFINITY);
        return true;
      }
    }
    return false;
  }

  /** The values of a partition that a reader may see and no operator skipped, in order. */
  expected(partition: number): readonly string[] {
    const skipped = this.ledger.all().flatMap((record) => unprocessedPart(record) ?? []);
    const isSkipped = (offset: bigint) =>
      skipped.some((part) => part.partition === partition && part.fromOffset <= offset && offset < part.untilOffset);
    return this.#visible(partition).flatMap(({ value, offset }) => (isSkipped(offset) ? [] : [value]));
  }

  /** The values of a partition that a reader may see, in order. */
  visible(partition: number): readonly string[] {
    return this.#visible(partition).map(({ value }) => value);
  }

  #visible(partition: number): readonly StoredOffset[] {
    const stored = this.log.partition({ topic: "orders", partition })?.stored ?? [];
    return stored.filter(({ kind, transaction }) => kind === "record" && transaction?.state !== "aborted");
  }

  async #run(steps: number): Promise<void> {
    for (let step = 0; step < steps; step += 1) {
      // Lets every actor come to its next step.
      await setImmediate();
      if (this.#scheduler.count() === 0) {
        return;
      }
      await this.#scheduler.waitNext(1);
    }
  }

  #produce({ partition, count, how }: Extract<Step, { kind: "produce" }>): void {
    const to = { topic: "orders", partition };
    const values = Array.from({ length: count }, () => `${partition}:${this.#newId()}`);
    if (how === "plain") {
      this.log.append(to, values);
    } else {
      this.log.endTransaction(to, this.log.appendInTransaction(to, values), how);
    }
  }

  #tick(scheduler: number): void {
    if (this.#schedulers.has(scheduler)) {
      return;
    }
    const actor = newActor(`scheduler ${scheduler}`);
    this.#schedulers.set(scheduler, actor);
    const run = this.#schedule(actor);
    void run.finally(() => {
      if (this.#schedulers.get(scheduler) === actor) {
        this.#schedulers.delete(scheduler);
      }
    });
  }

  async #schedule(actor: Actor): Promise<BatchOutcome | undefined> {
    const rules = {
      pipeline: PIPELINE,
      selection: { topics: ["orders"] },
      isolationLevel: "read_committed",
      startingOffsets: "earliest",
    } as const;
    const deps = {
      source: this.#source,
      // No scheduler carries outputs.
      ledger: this.#ledgerOf(actor) as RangeLedger<never>,
      dispatcher: this.#dispatcher,
      now: this.clock.now,
      newId: () => this.#newId(),
    };
    try {
      return await scheduleBatch(deps, { ...this.#rules, ...rules });
    } catch (error) {
      return this.#explain(error);
    }
  }

  #deliver({ event, isDuplicate, style, crashAt }: Extract<Step, { kind: "deliver" }>): void {
    const dispatch = this.#processors.length < MAX_PROCESSORS ? this.#takeEvent(event, isDuplicate) : undefined;
    void (dispatch === undefined ? undefined : this.#process(dispatch, style, crashAt));
  }

  #takeEvent(event: number, isKept: boolean): RangeDispatch | undefined {
    this.#events.push(...this.#dispatcher.take());
    const at = event % Math.max(this.#events.length, 1);
    return isKept ? this.#events[at] : this.#events.splice(at, 1)[0];
  }

  async #process(dispatch: RangeDispatch, style: Style, crashAt: number): Promise<void> {
    const owner = `processor ${this.#newId()}`;
    const [deadline, lastCall] = [new AbortController(), new AbortController()];
    const actor: Running = { ...newActor(owner), deadline, lastCall };
    this.#processors.push(actor);
    const reader = createFakeRangeReader(this.log);
    reader.beforeFetch = () => this.#pause(`${owner} fetches`);
    try {
      const outcome = await processRange(
        {
          ledger: this.#ledgerOf(actor),
          reader,
          process: pipelineCode({ style, crashAt, isPoison: this.#isPoison }),
          deadLetters: this.deadLetters,
          now: this.clock.now,
          random: () => 0.5,
        },
        processorRules({ maxAttempts: 1_000, onFailure: "quarantine" }),
        dispatch,
        { owner, remainingMs: 60_000, deadline: deadline.signal, lastCall: lastCall.signal },
      );
      void (outcome.kind === "halted" ? this.surprises.push(outcome.error) : undefined);
    } catch (error) {
      this.#explain(error);
    }
    this.#forget(actor);
  }

  async #operate({ verb, partition }: Extract<Step, { kind: "operate" }>): Promise<void> {
    try {
      await operate(this.#ledgerOf(newActor("operator")), {
        verb,
        pipeline: PIPELINE,
        partition,
        now: this.clock.now(),
      });
    } catch (error) {
      this.#explain(error);
    }
  }

  #ledgerOf(actor: Actor): RangeLedger<string> {
    return createFaultyLedger(this.ledger, actor, (what) => this.#pause(what));
  }

  #pause(what: string): Promise<void> {
    return this.#scheduler.schedule(Promise.resolve(), what);
  }

  #kill(actor: Actor | undefined): void {
    if (actor === undefined) {
      return;
    }
    actor.isKilled = true;
    this.#forget(actor);
    for (const [scheduler, running] of this.#schedulers) {
      void (running === actor ? this.#schedulers.delete(scheduler) : undefined);
    }
  }

  /** Its invocation is over for Lambda, but its code is not: it goes on when it thaws. */
  #freeze(actor: Running | undefined): void {
    if (actor !== undefined) {
      actor.frozen = Promise.withResolvers();
      this.#frozen.push(actor);
      this.#forget(actor);
    }
  }

  #thaw(): void {
    for (const actor of this.#frozen.splice(0)) {
      actor.frozen?.resolve();
      actor.frozen = undefined;
    }
  }

  #forget(actor: Actor): void {
    const at = this.#processors.indexOf(actor as Running);
    void (at < 0 ? undefined : this.#processors.splice(at, 1));
  }

  #endTime(actor: Running | undefined): void {
    actor?.deadline.abort(new DeadlineError("time is nearly used up"));
    actor?.lastCall.abort();
  }

  #explain(error: unknown): undefined {
    void (error instanceof LedgerUnavailableError ? undefined : this.surprises.push(error));
  }

  #newId(): string {
    this.#ids += 1;
    return `${this.#ids}`;
  }
}

function pick<Item>(items: readonly Item[], at: number): Item | undefined {
  return items[at % Math.max(items.length, 1)];
}

interface Code {
  readonly style: Style;
  readonly crashAt: number;
  readonly isPoison: (value: string) => boolean;
}

function pipelineCode({ style, crashAt, isPoison }: Code) {
  return async (range: ProcessingRange<string>): Promise<readonly string[]> => {
    let uncommitted: string[] = [];
    let records = 0;
    for await (const batch of range.batches()) {
      for (const { offset, value } of batch) {
        records += 1;
        if (records === crashAt) {
          throw new Error("the pipeline's code crashed");
        }
        if (isPoison(String(value))) {
          throw new CorruptRecordError(`${String(value)} is poison`);
        }
        uncommitted.push(String(value));
        if (style === "commitRecords") {
          await range.commit(offset + 1n, uncommitted);
          uncommitted = [];
        }
      }
      if (style === "commitBatches") {
        await range.commit(batch.untilOffset, uncommitted);
        uncommitted = [];
      }
    }
    return uncommitted;
  };
}
