// Evaluate alarm
//
// What CloudWatch makes of a synthesized alarm over a series of measurements: the
// part of its documented rules that this project's alarms use (statistics per
// period, M of N periods, missing data).
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html

import assert from "node:assert/strict";

export interface Sample {
  /** Milliseconds since the series began. */
  readonly atMs: number;
  readonly value: number;
}

export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** An alarm's properties, as CloudFormation has them. */
export interface AlarmProperties {
  readonly Statistic: "Sum" | "Maximum";
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm: number;
  readonly Threshold: number;
  readonly ComparisonOperator: "GreaterThanOrEqualToThreshold" | "LessThanThreshold";
  readonly TreatMissingData: "ignore" | "breaching" | "notBreaching";
}

/** The alarm's state after each whole period until `untilMs`. */
export function evaluateAlarm(
  alarm: AlarmProperties,
  samples: readonly Sample[],
  untilMs: number,
): readonly AlarmState[] {
  const periodMs = alarm.Period * 1_000;
  const points = Array.from({ length: Math.floor(untilMs / periodMs) }, (_, index) =>
    statistic(alarm, samples, { fromMs: index * periodMs, untilMs: (index + 1) * periodMs }),
  );
  const states: AlarmState[] = [];
  for (const index of points.keys()) {
    const window = points.slice(Math.max(0, index + 1 - alarm.EvaluationPeriods), index + 1);
    states.push(stateOf(alarm, window, states.at(-1) ?? "INSUFFICIENT_DATA"));
  }
  return states;
}

function stateOf(alarm: AlarmProperties, window: readonly (number | undefined)[], before: AlarmState): AlarmState {
  const { EvaluationPeriods, DatapointsToAlarm, TreatMissingData } = alarm;
  // With more periods CloudWatch looks further back for what is missing, which nothing here needs.
  assert.ok(TreatMissingData !== "ignore" || EvaluationPeriods === 1, "ignored data is judged for one period only");
  if (TreatMissingData === "ignore" && window.every((point) => point === undefined)) {
    return before;
  }
  const breaching = window.filter((point) =>
    point === undefined ? TreatMissingData === "breaching" : isBreaching(alarm, point),
  );
  return breaching.length >= DatapointsToAlarm ? "ALARM" : "OK";
}

function isBreaching({ ComparisonOperator, Threshold }: AlarmProperties, point: number): boolean {
  return ComparisonOperator === "LessThanThreshold" ? point < Threshold : point >= Threshold;
}

/** Undefined for a period without data. */
function statistic(
  { Statistic }: AlarmProperties,
  samples: readonly Sample[],
  { fromMs, untilMs }: { readonly fromMs: number; readonly untilMs: number },
): number | undefined {
  const values = samples.filter(({ atMs }) => atMs >= fromMs && atMs < untilMs).map(({ value }) => value);
  if (values.length === 0) {
    return undefined;
  }
  return Statistic === "Sum" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values);
}
