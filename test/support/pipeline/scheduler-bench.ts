// Scheduler bench
//
// A fake Kafka with topic orders, an in-memory ledger and a recording dispatcher,
// and as many schedulers over them as a test wants.

import type { SchedulerDeps, SchedulerRules } from "../../../functions/scheduler/deps/scheduler-deps.ts";
import { type BatchOutcome, scheduleBatch } from "../../../functions/scheduler/schedule-batch.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../shared/core/range/range-status.ts";
import { createInMemoryRangeLedger, type InMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";
import { planRules } from "../builders/builders.ts";
import { createFakeClock, type FakeClock } from "../fake-clock.ts";
import { createFakeKafkaLog, type FakeKafkaLog } from "../kafka/fake-kafka-log.ts";
import { createFakeOffsetSource, type FakeOffsetSource } from "../kafka/fake-offset-source.ts";
import { createRecordingDispatcher, type RecordingDispatcher } from "./recording-dispatcher.ts";

export interface SchedulerBench {
  readonly clock: FakeClock;
  readonly log: FakeKafkaLog;
  readonly topicId: string;
  readonly source: FakeOffsetSource;
  readonly ledger: InMemoryRangeLedger<never>;
  readonly dispatcher: RecordingDispatcher;
  readonly deps: SchedulerDeps;
  readonly rules: SchedulerRules;
  /** Appends this many records to a partition of orders. */
  produce(partition: number, records: number): void;
  /** Appends this many records to each of its partitions. */
  produceToEach(records: number): void;
  /** One scheduler run. */
  tick(rules?: Partial<SchedulerRules>, deps?: Partial<SchedulerDeps>): Promise<BatchOutcome>;
  /** Takes every open range of the ledger to its end, as processors would. */
  completeAll(): void;
  /** The live ranges as `partition: STATUS [from, until)`. */
  chains(): readonly string[];
}

export function createSchedulerBench(partitionCount = 3): SchedulerBench {
  const clock = createFakeClock();
  const log = createFakeKafkaLog(clock.now);
  const topicId = log.createTopic("orders", partitionCount);
  const source = createFakeOffsetSource(log);
  const ledger = createInMemoryRangeLedger<never>();
  const dispatcher = createRecordingDispatcher();
  let ids = 0;
  const produce = (partition: number, records: number) => {
    const values = Array.from({ length: records }, (_, index) => `value ${index}`);
    log.append({ topic: "orders", partition }, values);
  };
  const newId = () => {
    ids += 1;
    return `id-${ids}`;
  };
  const deps: SchedulerDeps = { source, ledger, dispatcher, now: clock.now, newId };
  const rules: SchedulerRules = {
    ...planRules(),
    pipeline: "word-count",
    selection: { topics: ["orders"] },
    isolationLevel: "read_committed",
    startingOffsets: "earliest",
  };

  return {
    clock,
    log,
    topicId,
    source,
    ledger,
    dispatcher,
    deps,
    rules,
    produce,
    produceToEach: (records) => {
      for (let partition = 0; partition < partitionCount; partition += 1) {
        produce(partition, records);
      }
    },
    tick: (otherRules, otherDeps) => scheduleBatch({ ...deps, ...otherDeps }, { ...rules, ...otherRules }),
    completeAll: () => {
      for (const record of ledger.all()) {
        ledger.put(completed(record, clock.now()));
      }
    },
    chains: () =>
      ledger
        .all()
        .filter(({ chain }) => chain.requestId === undefined)
        .map(
          ({ partition, status, fromOffset, untilOffset }) => `${partition}: ${status} [${fromOffset}, ${untilOffset})`,
        ),
  };
}

/** The record after a processor claimed and completed it; a closed one stays as it is. */
function completed(record: RangeRecord, now: number): RangeRecord {
  const claimed = applyEvent(record, { kind: "claim", owner: "processor", now, leaseMs: 60_000 }, "claim");
  if (claimed.kind === "refused") {
    return record;
  }
  const lease = { owner: "processor", counter: claimed.record.leaseCounter };
  const { committedOffset: fromOffset, untilOffset } = record;
  const counts = { delivered: untilOffset - fromOffset, aborted: 0n, control: 0n, bytes: 0n };
  const event = { kind: "complete", lease, fromOffset, counts, now, retentionMs: 86_400_000 } as const;
  const done = applyEvent(claimed.record, event, "complete");
  return done.kind === "refused" ? record : done.record;
}
