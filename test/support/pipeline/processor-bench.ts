// Processor bench
//
// One partition of a fake log, one planned range of it in an in-memory ledger, and
// as many attempts at that range as a test wants. Outputs are strings.

import type {
  Invocation,
  ProcessOutcome,
  ProcessorDeps,
  ProcessorRules,
} from "../../../functions/processor/attempt/processor-deps.ts";
import type { ProcessFunction, ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import {
  createInMemoryRangeLedger,
  type InMemoryRangeLedger,
  type InMemoryRangeLedgerOptions,
} from "../../../shared/memory/in-memory-range-ledger.ts";
import { aChain, aRangeRecord, processorRules } from "../builders/builders.ts";
import { createFakeClock, type FakeClock } from "../fake-clock.ts";
import { createFakeKafkaLog, type FakeKafkaLog } from "../kafka/fake-kafka-log.ts";
import { createFakeRangeReader, type FakeRangeReader } from "../kafka/fake-range-reader.ts";
import { processRange } from "./process-range.ts";

export const ORDERS_0 = { topic: "orders", partition: 0 };

export interface ProcessorBench {
  readonly clock: FakeClock;
  readonly log: FakeKafkaLog;
  readonly ledger: InMemoryRangeLedger<string>;
  readonly reader: FakeRangeReader;
  /** Puts the range in the ledger, planned and dispatched; the bench has one at a time. */
  plan(fromOffset: bigint, untilOffset: bigint, overrides?: Partial<RangeRecord>): RangeRecord;
  /** The range as the ledger has it now. */
  range(): RangeRecord;
  /** One invocation for the range that is open: the planned one, or what a split left of it. */
  attempt(process: ProcessFunction<string>, options?: AttemptOptions): Promise<ProcessOutcome>;
}

export interface AttemptOptions extends Partial<Invocation>, Partial<ProcessorRules> {
  readonly deps?: Partial<ProcessorDeps<string>>;
}

export function createProcessorBench(store: InMemoryRangeLedgerOptions<string> = {}): ProcessorBench {
  const clock = createFakeClock();
  const log = createFakeKafkaLog(clock.now);
  const topicId = log.createTopic("orders", 1);
  const ledger = createInMemoryRangeLedger<string>(store);
  const reader = createFakeRangeReader(log);
  let planned: RangeRecord | undefined;
  let owners = 0;

  const range = () => {
    const [record] = ledger.all();
    if (record === undefined) {
      throw new Error("no range is planned");
    }
    return record;
  };

  return {
    clock,
    log,
    ledger,
    reader,
    range,
    plan: (fromOffset, untilOffset, overrides = {}) => {
      const chain = aChain({ topicId, partition: 0 });
      planned = aRangeRecord({ ...ORDERS_0, chain, fromOffset, untilOffset, ...overrides });
      ledger.put(planned);
      return planned;
    },
    attempt: (process, { deps = {}, ...options } = {}) => {
      owners += 1;
      const invocation = { owner: `processor-${owners}`, remainingMs: 60_000, deadline: never(), lastCall: never() };
      return processRange(
        { ledger, reader, process, now: clock.now, random: () => 0.5, ...deps },
        processorRules(options),
        { record: ledger.all().find((record) => !isClosed(record)) ?? planned ?? range() },
        { ...invocation, ...options },
      );
    },
  };
}

/** A log [a, b, c, d, e, f] in batches of two, and the range [1, 5) of it. */
export function aProcessorBench(overrides: Partial<RangeRecord> = {}): ProcessorBench {
  const bench = createProcessorBench();
  for (const values of [
    ["a", "b"],
    ["c", "d"],
    ["e", "f"],
  ]) {
    bench.log.append(ORDERS_0, values);
  }
  bench.plan(1n, 5n, overrides);
  return bench;
}

/** A pipeline's code whose effect is each record's value, written with the completion. */
export async function takeAll(range: ProcessingRange<string>): Promise<readonly string[]> {
  const values: string[] = [];
  for await (const { value } of range.records()) {
    values.push(String(value));
  }
  return values;
}

/** A pipeline's code that commits each record's value by itself. */
export async function commitEach(range: ProcessingRange<string>): Promise<undefined> {
  for await (const { offset, value } of range.records()) {
    await range.commit(offset + 1n, [String(value)]);
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}
