// Alarm bench
//
// A synthesized pipeline's alarms, and what the scheduler's own code measures over a
// fault, for one to be judged by the other.

import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { expect } from "vitest";
import { RangePipeline } from "../../../cdk/lib/range-pipeline.ts";
import type { RangePipelineProps } from "../../../cdk/lib/range-pipeline-props.ts";
import { projectPath } from "../../../cdk/lib/runtime-function.ts";
import type { SchedulerRules } from "../../../functions/scheduler/deps/scheduler-deps.ts";
import { reportOutcome } from "../../../functions/scheduler/report-outcome.ts";
import type { AlarmProperties, AlarmState, Sample } from "../evaluate-alarm.ts";
import { START } from "../fake-clock.ts";
import type { SchedulerBench } from "./scheduler-bench.ts";

export function synthesize(props: Partial<RangePipelineProps>, stack = aStack()): Template {
  new RangePipeline(stack, "Orders", {
    bootstrapServers: ["b-1.example:9092"],
    topics: ["orders"],
    processorEntry: projectPath("functions/pipelines/word-count.ts"),
    ...props,
  });
  return Template.fromStack(stack);
}

export function aStack(): Stack {
  return new Stack(new App({ context: { "aws:cdk:bundling-stacks": [] } }), "Test");
}

/** One alarm of a pipeline with this interval, by its name. */
export function alarmOf(name: string, props: Partial<RangePipelineProps>): AlarmProperties {
  const alarms = Object.entries(synthesize(props).findResources("AWS::CloudWatch::Alarm"));
  const [, found] = alarms.find(([id]) => id.startsWith(`OrdersAlarms${name}`)) ?? [];
  expect(found, name).toBeDefined();
  return found?.["Properties"];
}

interface Runs {
  readonly intervalMs: number;
  readonly count: number;
  /** Lateness of each run, as EventBridge Scheduler may be late by up to a minute. */
  readonly lateMs?: (run: number) => number;
  readonly rules?: Partial<SchedulerRules>;
  readonly before?: (run: number) => void;
}

/** What a metric of the scheduler gets, run by run; a run that throws measures nothing. */
export async function measure(bench: SchedulerBench, metric: string, runs: Runs): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  for (let run = 0; run < runs.count; run += 1) {
    const dueAt = START + run * runs.intervalMs + (runs.lateMs?.(run) ?? 0);
    bench.clock.advance(dueAt - bench.clock.now());
    runs.before?.(run);
    const addMetric = (name: string, _unit: unknown, value: number) => {
      if (name === metric) {
        samples.push({ atMs: bench.clock.now() - START, value });
      }
    };
    const batch = await bench.tick({ ...runs.rules, batchIntervalMs: runs.intervalMs });
    reportOutcome(logger, { addMetric }, { batch, reprocess: [] }, bench.clock.now());
  }
  return samples;
}

/** Since when the alarm has been on without a break; undefined where it is not on at the end. */
export function onSince(states: readonly AlarmState[]): number | undefined {
  const lastOff = states.findLastIndex((state) => state !== "ALARM");
  return lastOff === states.length - 1 ? undefined : lastOff + 1;
}

/** Late by half an interval, every third time: leaves an interval empty and puts two runs into the next. */
export const unpunctual = (intervalMs: number) => (run: number) =>
  run % 3 === 2 ? intervalMs * 0.9 : intervalMs * 0.2;
