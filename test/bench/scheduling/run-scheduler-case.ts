// One number of partitions through every state of the ledger: brokers that count
// their requests here, the scheduler in a process of its own.

import assert from "node:assert/strict";
import { join } from "node:path";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { SCRIPTED_TOPIC, SCRIPTED_TOPIC_ID } from "../../support/kafka/scripted-broker.ts";
import { type ScriptedCluster, startScriptedCluster } from "../../support/kafka/scripted-cluster.ts";
import { LineProcess } from "../reading/line-process.ts";
import {
  LEDGER_STATES,
  type LedgerState,
  type RealCalls,
  type RunResult,
  type RunTask,
  type SchedulerCase,
} from "./scheduling.ts";

const BROKERS = 3;
const END_OFFSET = 1_000;
const program = new URL("scheduler-process.ts", import.meta.url).pathname;

export interface StateReport {
  readonly state: LedgerState;
  /** The round of median time; its memory is the most of all rounds. */
  readonly result: RunResult;
  /** The most that one run asked of one broker. */
  readonly listOffsetsPerBroker: number;
  /** The most that one run asked of all brokers. */
  readonly metadataRequests: number;
}

export interface CaseReport {
  readonly partitions: number;
  readonly states: readonly StateReport[];
}

export interface SchedulerCaseOptions {
  readonly rounds: number;
  /** Takes the process's log. */
  readonly folder: string;
  /** @default - a ledger in memory and a dispatcher that only take their time */
  readonly aws?: RealCalls;
  /** @default - all of them */
  readonly states?: readonly LedgerState[];
}

const EVERY_STATE = Object.keys(LEDGER_STATES) as LedgerState[];

/** Throws when a run does something else than its state asks for. */
export async function runSchedulerCase(
  partitions: number,
  { rounds, folder, aws, states: asked = EVERY_STATE }: SchedulerCaseOptions,
): Promise<CaseReport> {
  const cluster = await startScriptedCluster({ partitions, endOffset: BigInt(END_OFFSET), brokers: BROKERS });
  const { bootstrapServers } = cluster;
  const schedulerCase: SchedulerCase = {
    bootstrapServers,
    topic: SCRIPTED_TOPIC,
    topicId: SCRIPTED_TOPIC_ID,
    partitions,
    endOffset: END_OFFSET,
    ...omitUndefined({ aws }),
  };
  const scheduler = new LineProcess({
    name: `the scheduler of ${partitions} partitions`,
    command: process.execPath,
    args: ["--disable-warning=TimeoutNegativeWarning", program, JSON.stringify(schedulerCase)],
    logFile: join(folder, `scheduler-${partitions}.log`),
  });
  try {
    // Unmeasured: it opens the connections and warms the code.
    await scheduler.ask<RunResult>({ state: "new" } satisfies RunTask);
    const states: StateReport[] = [];
    for (const state of asked) {
      states.push(await measure(scheduler, cluster, { partitions, state, rounds }));
    }
    return { partitions, states };
  } finally {
    await scheduler.stop();
    await cluster.close();
  }
}

async function measure(
  scheduler: LineProcess,
  cluster: ScriptedCluster,
  { partitions, state, rounds }: { readonly partitions: number; readonly state: LedgerState; readonly rounds: number },
): Promise<StateReport> {
  const results: RunResult[] = [];
  const listed: number[] = [];
  const described: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = { list: cluster.calls("listOffsets"), metadata: total(cluster.calls("metadata")) };
    const result = await scheduler.ask<RunResult>({ state } satisfies RunTask);
    assert.deepEqual(result.kinds, { [EXPECTED_KIND[state]]: partitions }, `what a run did in state ${state}`);
    results.push(result);
    listed.push(...cluster.calls("listOffsets").map((calls, broker) => calls - (before.list[broker] ?? 0)));
    described.push(total(cluster.calls("metadata")) - before.metadata);
  }
  const byTime = results.toSorted((a, b) => a.wallMs - b.wallMs);
  const middle = byTime[Math.floor(byTime.length / 2)];
  assert.ok(middle !== undefined, "at least one round is measured");
  const peakRssBytes = Math.max(...results.map((result) => result.peakRssBytes));
  return {
    state,
    result: { ...middle, peakRssBytes },
    listOffsetsPerBroker: Math.max(...listed),
    metadataRequests: Math.max(...described),
  };
}

const EXPECTED_KIND: Readonly<Record<LedgerState, string>> = {
  idle: "idle",
  new: "planned",
  open: "waiting",
  overdue: "redispatched",
};

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
