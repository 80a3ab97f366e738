// Log volume
//
// How much the two functions log. Metrics are lines of the log as well, and are
// written at every level: the alarms live on them.
//
//   LV1  Lambda's own application filter stays at INFO: it takes what has no level for
//        INFO, and the metrics' lines have none. The functions filter for themselves.
//   LV2  Of Lambda's own lines a quiet level drops those on what went well (START, END and REPORT);
//        what failed or timed out is reported at WARN. No metric or alarm is made of them.
//   LV3  A scheduler run writes one line where ranges write none.
//
// https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html

import { ApplicationLogLevel, type FunctionOptions, LoggingFormat, SystemLogLevel } from "aws-cdk-lib/aws-lambda";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";

/** From the most to the least that is logged; what each tells stands at the prop `logLevel`. */
export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;

/** The least that is logged; what each tells stands at the prop `logLevel`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

type LoggingProps = Pick<FunctionOptions, "loggingFormat" | "applicationLogLevelV2" | "systemLogLevelV2">;

const QUIET: LoggingProps = {
  loggingFormat: LoggingFormat.JSON,
  applicationLogLevelV2: ApplicationLogLevel.INFO,
  systemLogLevelV2: SystemLogLevel.WARN,
};

/** Of Lambda: lines in plain text, all of them, unless the level is a quiet one. */
export function loggingProps(level: LogLevel | undefined): LoggingProps {
  return level === "WARN" || level === "ERROR" ? QUIET : {};
}

/** The variables of the function that processes ranges. */
export function processorLogLevel(level: LogLevel | undefined): Readonly<Record<string, string>> {
  return omitUndefined({ POWERTOOLS_LOG_LEVEL: level });
}

/** The variables of the function that runs once per batch: its line is what is left of the batch's at WARN. */
export function schedulerLogLevel(level: LogLevel | undefined): Readonly<Record<string, string>> {
  return processorLogLevel(level === "WARN" ? "INFO" : level);
}
