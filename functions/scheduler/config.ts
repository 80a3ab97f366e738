import type { SourceSelection } from "../../shared/core/offset-source.ts";
import {
  decodeEnvironment,
  type SchedulerEnvironment,
  schedulerEnvironment,
} from "../../shared/wire/function-environment.ts";
import type { SchedulerRules } from "./scheduler-deps.ts";

export interface SchedulerConfig {
  readonly environment: SchedulerEnvironment;
  readonly rules: SchedulerRules;
}

/** Throws ConfigurationError that lists every wrong or unknown variable. */
export function readSchedulerConfig(variables: NodeJS.ProcessEnv = process.env): SchedulerConfig {
  const environment = decodeEnvironment(schedulerEnvironment, variables);
  const { pipeline, isolationLevel, maxAttempts, retentionMs } = environment;
  const { startingOffsets, maxRecordsPerPartition, dispatchTimeoutMs } = environment;
  return {
    environment,
    rules: {
      pipeline,
      selection: selectionOf(environment),
      isolationLevel,
      startingOffsets,
      ...startingTimestampsOf(environment),
      maxRecordsPerPartition,
      maxAttempts,
      dispatchTimeoutMs,
      retentionMs,
    },
  };
}

/** A timestamp for all goes before those by partition, and either before the offsets, as in Spark. */
function startingTimestampsOf(environment: SchedulerEnvironment): Pick<SchedulerRules, "startingTimestamps"> {
  const { startingTimestamp, startingOffsetsByTimestamp, onNoMatch = "error" } = environment;
  const timestamps = startingTimestamp ?? startingOffsetsByTimestamp;
  return timestamps === undefined ? {} : { startingTimestamps: { timestamps, onNoMatch } };
}

function selectionOf({ topics, topicPattern, assign }: SchedulerEnvironment): SourceSelection {
  if (topics !== undefined) {
    return { topics };
  }
  return topicPattern === undefined ? { assign: assign ?? [] } : { topicPattern };
}
