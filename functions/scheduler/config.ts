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
  const { startingOffsets, dispatchTimeoutMs } = environment;
  return {
    environment,
    rules: {
      pipeline,
      selection: selectionOf(environment),
      isolationLevel,
      startingOffsets,
      maxAttempts,
      dispatchTimeoutMs,
      retentionMs,
      ...limitsOf(environment),
    },
  };
}

function limitsOf(environment: SchedulerEnvironment) {
  const { maxRecordsPerPartition, minRecordsPerPartition, maxRecordsPerBatch } = environment;
  const { minRecordsPerBatch, maxBatchDelayMs } = environment;
  const { initialRecordsPerPartition, adaptiveSize, batchIntervalMs, processorTimeoutMs } = environment;
  return {
    initialRecordsPerPartition,
    isSizeAdaptive: adaptiveSize,
    batchIntervalMs,
    processorTimeoutMs,
    maxRecordsPerPartition,
    ...(minRecordsPerPartition === undefined ? {} : { minRecordsPerPartition }),
    ...(maxRecordsPerBatch === undefined ? {} : { maxRecordsPerBatch }),
    ...(minRecordsPerBatch === undefined || maxBatchDelayMs === undefined
      ? {}
      : { batchMinimum: { minRecordsPerBatch, maxBatchDelayMs } }),
  };
}

function selectionOf({ topics, topicPattern, assign }: SchedulerEnvironment): SourceSelection {
  if (topics !== undefined) {
    return { topics };
  }
  return topicPattern === undefined ? { assign: assign ?? [] } : { topicPattern };
}
