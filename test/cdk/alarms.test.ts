// Each alarm against what its fault measures: the scheduler's own code runs over the
// fault, its metrics go through the synthesized alarm.

import { Duration } from "aws-cdk-lib";
import { Match } from "aws-cdk-lib/assertions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { describe, expect, test } from "vitest";
import { evaluateAlarm, type Sample } from "../support/evaluate-alarm.ts";
import { alarmOf, aStack, measure, onSince, synthesize, unpunctual } from "../support/pipeline/alarm-bench.ts";
import { createSchedulerBench } from "../support/pipeline/scheduler-bench.ts";

const MINUTE_MS = 60_000;
const INTERVALS = [1, 3, 10, 60].map((minutes) => ({ minutes, intervalMs: minutes * MINUTE_MS }));

/** Minutes of an interval in which the alarm reads what the run measured. */
function statesOf(name: string, { intervalMs }: { intervalMs: number }, samples: readonly Sample[], untilMs: number) {
  const alarm = alarmOf(name, { batchInterval: Duration.millis(intervalMs) });
  return evaluateAlarm(alarm, samples, untilMs);
}

describe.each(INTERVALS)("with a batch interval of $minutes minutes", ({ intervalMs }) => {
  test("PA1: a healthy pipeline with unpunctual runs raises none of the scheduler's alarms", async () => {
    const bench = createSchedulerBench();
    const runs = {
      intervalMs,
      count: 30,
      lateMs: unpunctual(intervalMs),
      before: () => {
        bench.completeAll();
        bench.produceToEach(2);
      },
    };
    const until = 30 * intervalMs;

    const heartbeat = statesOf("SchedulerSilent", { intervalMs }, await measure(bench, "SchedulerRuns", runs), until);

    expect(new Set(heartbeat)).toEqual(new Set(["OK"]));
  });

  test("FT2, PA1, RO1: a schedule that is off, or may not invoke, is told within three intervals", async () => {
    const bench = createSchedulerBench();
    const samples = await measure(bench, "SchedulerRuns", { intervalMs, count: 5 });

    const states = statesOf("SchedulerSilent", { intervalMs }, samples, 12 * intervalMs);

    expect(onSince(states)).toBe(5 + 3 - 1);
  });

  test.each(["SchedulerErrors", "SchedulerThrottles", "ProcessorThrottles"])(
    "FT3, FT4, PA2: %s that go on are told, one alone is not",
    (name) => {
      const late = unpunctual(intervalMs);
      const once: Sample[] = Array.from({ length: 12 }, (_, run) => ({
        atMs: run * intervalMs + late(run),
        value: run === 6 ? 1 : 0,
      }));
      const goingOn = once.map((sample) => ({ ...sample, value: 1 }));

      expect(new Set(statesOf(name, { intervalMs }, once, 12 * intervalMs))).toEqual(new Set(["OK"]));
      expect(onSince(statesOf(name, { intervalMs }, goingOn, 12 * intervalMs))).toBeLessThanOrEqual(4);
    },
  );

  test("FT1, RO2: a missing permission to invoke is told, and one dispatch that fails is not", async () => {
    const outage = createSchedulerBench(1);
    outage.dispatcher.refuse(0, true);
    outage.produce(0, 5);
    const blip = createSchedulerBench(1);
    blip.produce(0, 5);
    const alarm = alarmOf("DispatchesFailed", { batchInterval: Duration.millis(intervalMs) });
    const count = Math.ceil((alarm.Period * 5_000) / intervalMs);

    const failing = await measure(outage, "DispatchesFailed", { intervalMs, count });
    const once = await measure(blip, "DispatchesFailed", {
      intervalMs,
      count,
      before: (run) => blip.dispatcher.refuse(0, run === 0),
    });

    expect(onSince(evaluateAlarm(alarm, failing, count * intervalMs))).toBeLessThanOrEqual(2);
    expect(once.reduce((sum, { value }) => sum + value, 0)).toBe(1);
    expect(evaluateAlarm(alarm, once, count * intervalMs)).not.toContain("ALARM");
  });

  test("FT7: a halted partition is told at once, does not flap, and is over when it goes on", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const runs = {
      intervalMs,
      count: 12,
      lateMs: unpunctual(intervalMs),
      before: (run: number) => {
        for (const { nextAttemptAt: _none, ...record } of bench.ledger.all()) {
          const halted = { ...record, status: "FAILED" } as const;
          bench.ledger.put(run < 8 ? halted : { ...halted, nextAttemptAt: bench.clock.now() });
        }
      },
    };

    const states = statesOf(
      "PartitionsStuck",
      { intervalMs },
      await measure(bench, "PartitionsStuck", runs),
      12 * intervalMs,
    );

    const first = states.indexOf("ALARM");
    const last = states.lastIndexOf("ALARM");
    expect(first).toBeLessThanOrEqual(2);
    expect(new Set(states.slice(first, last + 1))).toEqual(new Set(["ALARM"]));
    expect(states.at(-1)).toBe("OK");
  });

  test("FT6: a range whose events get lost is told by its age, however often it is dispatched", async () => {
    const bench = createSchedulerBench(1);
    bench.produce(0, 5);
    const { Threshold } = alarmOf("OldestOpenRange", { batchInterval: Duration.millis(intervalMs) });
    const count = Math.ceil(Threshold / intervalMs) + 4;

    const samples = await measure(bench, "OldestOpenRangeAge", { intervalMs, count });

    const states = statesOf("OldestOpenRange", { intervalMs }, samples, count * intervalMs);
    expect(onSince(states)).toBe(Math.ceil(Threshold / intervalMs));
  });
});

test("a pipeline without a schedule has no alarm for silence, and its schedule is disabled", () => {
  const template = synthesize({ scheduleEnabled: false });

  const alarms = Object.keys(template.findResources("AWS::CloudWatch::Alarm"));
  expect(alarms.filter((id) => id.includes("SchedulerSilent"))).toEqual([]);
  template.hasResourceProperties("AWS::Scheduler::Schedule", { State: "DISABLED" });
});

test("dead letters that near the end of their queue's retention are told four days before", () => {
  const template = synthesize({});

  template.hasResourceProperties("AWS::CloudWatch::Alarm", {
    MetricName: "ApproximateAgeOfOldestMessage",
    Threshold: 10 * 86_400,
  });
  template.allResources("AWS::SQS::Queue", {
    DeletionPolicy: "Retain",
    Properties: { MessageRetentionPeriod: 14 * 86_400 },
  });
});

test("every alarm goes to the topic and stays within what CloudWatch takes", () => {
  const stack = aStack();
  const topic = new Topic(stack, "Topic");

  const template = synthesize({ alarmTopic: topic, batchInterval: Duration.days(1) }, stack);

  template.allResourcesProperties("AWS::CloudWatch::Alarm", { AlarmActions: [Match.anyValue()] });
  for (const { Properties } of Object.values(template.findResources("AWS::CloudWatch::Alarm"))) {
    const { Period, EvaluationPeriods } = Properties;
    expect(Period % 60).toBe(0);
    expect(Period).toBeLessThanOrEqual(86_400);
    // A week for periods of an hour or more, else a day.
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period >= 3_600 ? 604_800 : 86_400);
  }
});
