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
      maxRecordsPerPartition,
      maxAttempts,
      dispatchTimeoutMs,
      retentionMs,
    },
  };
}

function selectionOf({ topics, topicPattern, assign }: SchedulerEnvironment): SourceSelection {
  if (topics !== undefined) {
    return { topics };
  }
  return topicPattern === undefined ? { assign: assign ?? [] } : { topicPattern };
}
