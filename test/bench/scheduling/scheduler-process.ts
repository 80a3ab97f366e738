// The scheduler in a process of its own, so that its CPU time and memory are its
// own: production's use case and Kafka adapter over a ledger and a dispatcher that
// only take their time. Runs once for each task given as a line of JSON.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import type { SchedulerDeps, SchedulerRules } from "../../../functions/scheduler/deps/scheduler-deps.ts";
import { runScheduler } from "../../../functions/scheduler/run-scheduler.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeDispatch, RangeDispatcher } from "../../../shared/core/ledger/range-dispatcher.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { assertRangeRecord, NO_COUNTS, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { encodePipeline } from "../../../shared/dynamodb/items/pipeline-codec.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createLambdaRangeDispatcher } from "../../../shared/lambda/range-dispatcher.ts";
import { encodeRangeMessage } from "../../../shared/wire/events/range-message.ts";
import { toJson } from "../../../shared/wire/json/json.ts";
import { openClient } from "../calling/open-client.ts";
import { createLatentLedger } from "./latent-ledger.ts";
import type { LedgerState, RunResult, RunTask, SchedulerCase } from "./scheduling.ts";

const LEDGER_LATENCY_MS = 5;
const DISPATCH_LATENCY_MS = 10;
const HOUR_MS = 3_600_000;

const schedulerCase = JSON.parse(process.argv[2] ?? "{}") as SchedulerCase; // Given by the bench.
const { bootstrapServers, topic, topicId, partitions } = schedulerCase;
const endOffset = BigInt(schedulerCase.endOffset);
const source = createKafkaOffsetSource({ clientId: "bench-scheduler", bootstrapServers });
const rules: SchedulerRules = {
  pipeline: "bench",
  selection: { topics: [topic] },
  isolationLevel: "read_committed",
  startingOffsets: "earliest",
  maxRecordsPerPartition: 100_000n,
  initialRecordsPerPartition: 100_000n,
  isSizeAdaptive: true,
  batchIntervalMs: 60_000,
  processorTimeoutMs: 300_000,
  onDataLoss: "fail",
  onTopicRecreated: "fail",
  maxAttempts: 5,
  dispatchTimeoutMs: 120_000,
  retentionMs: 30 * 24 * HOUR_MS,
};

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line) as RunTask).catch((error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function run({ state }: RunTask): Promise<RunResult> {
  const numbers = [...Array(partitions).keys()];
  const topics = [{ topicId, topic, partitions: numbers }];
  const pipeline = { pipeline: rules.pipeline, revision: 1, startedAt: Date.now(), topics };
  const records = numbers.map((partition) => newestRange(state, partition));
  const { ledger, counts, dispatcher } = await openPorts(pipeline, records);
  const dispatched: { readonly at: number; readonly broker: number }[] = [];
  const dispatch = async (range: RangeDispatch) => {
    dispatched.push({ at: performance.now(), broker: range.leader?.nodeId ?? -1 });
    await dispatcher.dispatch(range);
  };
  const deps: SchedulerDeps = {
    source,
    ledger,
    dispatcher: { dispatch },
    now: () => Date.now(),
    newId: () => randomUUID(),
    spread: { perSecond: 1_000, random: Math.random, pause: setTimeout },
  };

  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const outcome = await runScheduler(deps, rules, { kind: "tick" });
  toJson(outcome);
  const { user, system } = process.cpuUsage(cpuBefore);
  const wallMs = performance.now() - startedAt;

  const outcomes = outcome.batch?.partitions ?? [];
  const kinds = Object.entries(Object.groupBy(outcomes, ({ kind }) => kind));
  return {
    wallMs,
    cpuMs: (user + system) / 1_000,
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
    ...counts,
    dispatches: dispatched.length,
    densestTenth: densestTenth(dispatched),
    kinds: Object.fromEntries(kinds.map(([kind, ofKind]) => [kind, ofKind.length])),
  };
}

interface Ports {
  readonly ledger: RangeLedger<never>;
  readonly counts: { reads: number; writes: number };
  readonly dispatcher: RangeDispatcher;
}

/** A ledger that holds these records, and a dispatcher: ones that only take their time, or real ones. */
async function openPorts(pipeline: PipelineRecord, records: readonly RangeRecord[]): Promise<Ports> {
  const { aws } = schedulerCase;
  if (aws === undefined) {
    const ledger = createLatentLedger(LEDGER_LATENCY_MS, pipeline, records);
    const dispatch = async (range: RangeDispatch) => {
      encodeRangeMessage(range);
      await setTimeout(DISPATCH_LATENCY_MS);
    };
    return { ledger, counts: ledger.counts, dispatcher: { dispatch } };
  }
  const { dynamodb, invoker } = openClient(aws.client, aws.endpoint);
  // Of this run alone.
  const tableName = `ranges-${randomUUID()}`;
  const items = [encodePipeline({ record: pipeline, writeId: randomUUID() }), ...records.map(encodeRange)];
  await mapConcurrently(items, MAX_CONCURRENT_LEDGER_CALLS, (Item) => dynamodb.putItem({ TableName: tableName, Item }));
  const counts = { reads: 0, writes: 0 };
  const counted = new Proxy(dynamodb, {
    get: (target, name) => {
      counts[name === "getItem" || name === "query" ? "reads" : "writes"] += 1;
      return Reflect.get(target, name);
    },
  });
  return {
    ledger: createRangeLedger(counted, { tableName, newId: () => randomUUID() }) as RangeLedger<never>, // No scheduler carries outputs.
    counts,
    dispatcher: createLambdaRangeDispatcher({ invoker, functionName: "processor", encode: encodeRangeMessage }),
  };
}

/** The record that puts its partition into the state. */
function newestRange(state: LedgerState, partition: number): RangeRecord {
  const now = Date.now();
  const isClosed = state === "idle" || state === "new";
  const untilOffset = state === "new" ? endOffset - 10n : endOffset;
  const base = {
    chain: { pipeline: rules.pipeline, topicId, partition },
    topic,
    partition,
    fromOffset: untilOffset - 10n,
    untilOffset,
    revision: 3,
    writeId: randomUUID(),
    counts: NO_COUNTS,
    attempt: 1,
    failedAttempts: 0,
    batchId: randomUUID(),
    leaseCounter: 1,
    leaderEpoch: 0,
    plannedAt: now,
    dispatchedAt: state === "overdue" ? now - HOUR_MS : now,
  };
  return assertRangeRecord(
    isClosed
      ? {
          ...base,
          status: "COMPLETED",
          committedOffset: untilOffset,
          completedAt: now,
          expiresAt: now + rules.retentionMs,
        }
      : { ...base, status: "PLANNED", committedOffset: base.fromOffset },
  );
}

function densestTenth(dispatched: readonly { readonly at: number; readonly broker: number }[]): number {
  const tenths = Map.groupBy(dispatched, ({ at, broker }) => `${broker}:${Math.floor(at / 100)}`);
  return Math.max(0, ...[...tenths.values()].map(({ length }) => length));
}
