// Outage bench
//
// A pipeline of one topic between a real broker and a ledger on DynamoDB's engine: the
// scheduler keeps its connections, each attempt is a processor of a cold environment.
// Time passes only when a test says so; each record's output adds one to its own counter.

import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { expect, onTestFinished } from "vitest";
import type { ProcessOutcome } from "../../../functions/processor/attempt/processor-deps.ts";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";
import { type BatchOutcome, scheduleBatch } from "../../../functions/scheduler/schedule-batch.ts";
import type { RangeDispatch } from "../../../shared/core/ledger/range-dispatcher.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { planRules, processorRules } from "../builders/builders.ts";
import { createFakeClock } from "../fake-clock.ts";
import type { DynamoDBLedgerUnderTest } from "../ledger/dynamodb-ledger.ts";
import { processRange } from "./process-range.ts";
import { createRecordingDispatcher } from "./recording-dispatcher.ts";

/** How long an attempt tries by itself, unless a test is about that. */
const SHORT_READ_MS = 400;

export interface OutageBench {
  readonly pipeline: string;
  now(): number;
  /** One scheduler run. */
  tick(): Promise<BatchOutcome>;
  /** What was dispatched, each by a processor that connects anew. */
  process(options?: { readonly progressTimeoutMs: number }): Promise<readonly ProcessOutcome[]>;
  /** Time passes until the range is due; then the scheduler runs, and a processor where it dispatches. */
  goOn(): Promise<RangeRecord>;
  ranges(): Promise<readonly RangeRecord[]>;
  /** How often the output of each of these offsets took effect. */
  timesApplied(offsets: readonly number[]): Promise<readonly number[]>;
}

export function createOutageBench(
  ledgerUnderTest: DynamoDBLedgerUnderTest,
  topic: string,
  connect: () => KafkaOptions,
): OutageBench {
  const { ledger, output, timesApplied } = ledgerUnderTest;
  const pipeline = `p-${randomUUID()}`;
  const clock = createFakeClock(Date.now());
  const dispatcher = createRecordingDispatcher();
  const source = createKafkaOffsetSource(connect());
  onTestFinished(() => source.close());
  const outputOf = (offset: bigint | number) => `${topic}#${offset}`;
  let chain: RangeRecord["chain"] | undefined;

  const count = async (range: ProcessingRange<TransactWriteItem>) => {
    const outputs: TransactWriteItem[] = [];
    for await (const { offset } of range.records()) {
      outputs.push(output(outputOf(offset)));
    }
    return outputs;
  };
  const attempt = async (dispatch: RangeDispatch, progressTimeoutMs: number) => {
    const reader = createKafkaRangeReader({ ...connect(), progressTimeoutMs });
    const never = new AbortController().signal;
    try {
      return await processRange(
        { ledger, reader, process: count, now: clock.now, random: () => 0.5 },
        // An attempt that counted would halt the range at once.
        processorRules({ maxAttempts: 1 }),
        dispatch,
        { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
      );
    } finally {
      await reader.close();
    }
  };

  const bench: OutageBench = {
    pipeline,
    now: clock.now,
    tick: () =>
      scheduleBatch(
        { source, ledger, dispatcher, now: clock.now, newId: randomUUID },
        {
          ...planRules(),
          pipeline,
          selection: { topics: [topic] },
          isolationLevel: "read_committed",
          startingOffsets: "earliest",
        },
      ),
    process: async ({ progressTimeoutMs } = { progressTimeoutMs: SHORT_READ_MS }) => {
      const dispatched = dispatcher.take();
      chain ??= dispatched[0]?.record.chain;
      return Promise.all(dispatched.map((dispatch) => attempt(dispatch, progressTimeoutMs)));
    },
    goOn: async () => {
      const dueAt = (await bench.ranges()).at(-1)?.nextAttemptAt ?? clock.now();
      clock.advance(Math.max(0, dueAt - clock.now()));
      await bench.tick();
      await bench.process();
      return (await bench.ranges()).at(-1) ?? expect.unreachable("nothing is planned");
    },
    ranges: async () => (chain === undefined ? [] : Array.fromAsync(ledger.ranges(chain))),
    timesApplied: (offsets) => Promise.all(offsets.map((offset) => timesApplied(outputOf(offset)))),
  };
  return bench;
}
