// The deploy guide's faults that only an alarm tells, each against the series that
// its fault gives, and the guide's alarms against the stack's.

import { readFileSync } from "node:fs";
import { Duration } from "aws-cdk-lib";
import { expect, test } from "vitest";
import { ArchiveBucket } from "../../cdk/lib/archive/archive-bucket.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { evaluateAlarm, type Sample } from "../support/evaluate-alarm.ts";
import { alarmOf, aStack, measure, onSince, synthesize } from "../support/pipeline/alarm-bench.ts";
import { createSchedulerBench } from "../support/pipeline/scheduler-bench.ts";

const MINUTE_MS = 60_000;
const DAY_S = 86_400;
const ORDERS_0 = { topic: "orders", partition: 0 };

/** SQS tells a value a minute. */
function eachMinute(values: readonly number[]): readonly Sample[] {
  return values.map((value, minute) => ({ atMs: minute * MINUTE_MS, value }));
}

test.each([
  ["OnFailureQueue", 1],
  ["DeadLetters", 1],
  // In seconds.
  ["DeadLettersExpiring", 10 * DAY_S],
])("FT5, FT8: %s is on while its queue holds what it tells, and off before and after", (name, told) => {
  const series = eachMinute([0, told - 1, told, told, 0]);

  const states = evaluateAlarm(alarmOf(name, {}), series, series.length * MINUTE_MS);

  expect(states).toEqual(["OK", "OK", "ALARM", "ALARM", "OK"]);
});

test("FT5: what a processor leaves when it dies goes to the queue that the alarm watches", () => {
  const template = synthesize({});
  const { Properties } = Object.entries(template.findResources("AWS::CloudWatch::Alarm")).find(([id]) =>
    id.startsWith("OrdersAlarmsOnFailureQueue"),
  )?.[1] ?? { Properties: {} };
  const [{ Value }] = Properties.Dimensions;
  const [queue] = Value["Fn::GetAtt"];

  template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
    DestinationConfig: { OnFailure: { Destination: { "Fn::GetAtt": [queue, "Arn"] } } },
  });
});

test("FT3: a scheduler whose runs all fail is silent after three intervals", async () => {
  const bench = createSchedulerBench(1);
  const healthy = await measure(bench, "SchedulerRuns", { intervalMs: MINUTE_MS, count: 3 });
  const readPipeline = () => Promise.reject(new ConfigurationError("the table is gone"));
  const failing = { ...bench, tick: () => bench.tick({}, { ledger: { ...bench.ledger, readPipeline } }) };

  const run = measure(failing, "SchedulerRuns", { intervalMs: MINUTE_MS, count: 1 });

  await expect(run).rejects.toThrow("the table is gone");
  expect(onSince(evaluateAlarm(alarmOf("SchedulerSilent", {}), healthy, 8 * MINUTE_MS))).toBe(3 + 3 - 1);
});

test("FT9: records that the log lost are told by the run that records them, and by no other", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 30);
  const rules = { onDataLoss: "skip", adaptiveSize: false, maxRecordsPerPartition: 10n } as const;
  const before = (run: number) => {
    for (const record of run === 1 ? bench.ledger.all() : []) {
      bench.ledger.put({ ...record, status: "LOST" });
      bench.log.deleteBelow(ORDERS_0, 30n);
    }
  };

  const samples = await measure(bench, "OffsetsLost", { intervalMs: MINUTE_MS, count: 4, rules, before });

  expect(samples.map(({ value }) => value)).toEqual([0, 20, 0, 0]);
  const states = evaluateAlarm(alarmOf("OffsetsLost", {}), samples, 4 * MINUTE_MS);
  expect(states).toEqual(["OK", "ALARM", "OK", "OK"]);
});

test("FT13: a transaction that stays open is told after a quarter of an hour, until it ends", async () => {
  const bench = createSchedulerBench(1);
  bench.produce(0, 3);
  const transaction = bench.log.appendInTransaction(ORDERS_0, ["a", "b"]);
  const intervalMs = 5 * MINUTE_MS;
  const before = (run: number) => {
    if (run === 6) {
      bench.log.endTransaction(ORDERS_0, transaction, "committed");
    }
    bench.completeAll();
  };

  const rules = { transactionCheckMs: intervalMs };
  const samples = await measure(bench, "OldestOpenTransactionAge", { intervalMs, count: 8, rules, before });

  const alarm = alarmOf("OpenTransaction", { batchInterval: Duration.millis(intervalMs) });
  const states = evaluateAlarm(alarm, samples, 8 * intervalMs);
  expect(states.map((state) => state === "ALARM")).toEqual([false, false, false, true, true, true, false, false]);
});

test("every alarm of a pipeline stands in a row of the table of faults, and each that the table names exists", () => {
  const guide = readFileSync(new URL("../../cdk/README.md", import.meta.url), "utf8");
  const rows = guide.split("\n").filter((line) => /^\| FT\d+ \|/.test(line));
  const told = rows.map((row) => row.replaceAll(/metric `\w+`/g, ""));
  const named = told.flatMap((row) => row.match(/`([A-Z][A-Za-z]+)`/g) ?? []).map((name) => name.slice(1, -1));

  const stack = aStack();
  const manifests = new ArchiveBucket(stack, "Archive");
  const ids = Object.keys(synthesize({ manifests }, stack).findResources("AWS::CloudWatch::Alarm"));

  // CDK adds a hash of eight digits.
  const alarms = ids.map((id) => id.slice("OrdersAlarms".length, -8));
  expect([...new Set(named)].sort()).toEqual(alarms.sort());
});
