import { Duration } from "aws-cdk-lib";
import type { TemplateParameter } from "../../template/template-parameter.ts";

/** In minutes. What follows from them is worked out by the construct, one by one, and becomes a table of the template. */
export const INTERVALS = [1, 2, 3, 5, 10, 15, 30, 60] as const;

export const INTERVAL_PARAMETER: TemplateParameter = {
  name: "BatchIntervalMinutes",
  group: "Start and pace",
  type: "Number",
  default: 1,
  description: "How often the scheduler runs, in minutes.",
  allowedValues: INTERVALS,
};

export function intervalProps(minutes: number) {
  return { batchInterval: Duration.minutes(minutes) };
}
