import { TRANSACTION_CHECK_MS } from "../../shared/core/limits.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import type { SourceSelection } from "../../shared/core/source/offset-source.ts";
import { decodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { type SchedulerEnvironment, schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { routingOf } from "../../shared/wire/environment/location-environment.ts";
import type { SchedulerRules } from "./deps/scheduler-deps.ts";

export interface SchedulerConfig {
  readonly environment: SchedulerEnvironment;
  readonly rules: SchedulerRules;
}

/** Throws ConfigurationError that lists every wrong or unknown variable. */
export function readSchedulerConfig(variables: NodeJS.ProcessEnv = process.env): SchedulerConfig {
  const environment = decodeEnvironment(schedulerEnvironment, variables);
  const { pipeline, isolationLevel, maxAttempts, retentionMs } = environment;
  const { startingOffsets, dispatchTimeoutMs, onDataLoss, onTopicRecreated } = environment;
  return {
    environment,
    rules: {
      pipeline,
      selection: selectionOf(environment),
      isolationLevel,
      startingOffsets,
      ...startingTimestampsOf(environment),
      ...startingGroupOf(environment),
      maxAttempts,
      transactionCheckMs: TRANSACTION_CHECK_MS,
      dispatchTimeoutMs,
      retentionMs,
      onDataLoss,
      onTopicRecreated,
      ...omitUndefined({ routing: routingOf(environment) }),
      ...limitsOf(environment),
      ...backpressureOf(environment),
      ...parallelOf(environment),
    },
  };
}

/** A timestamp for all goes before those by partition, and either before the offsets, as in Spark. */
function startingTimestampsOf(environment: SchedulerEnvironment): Pick<SchedulerRules, "startingTimestamps"> {
  const { startingTimestamp, startingOffsetsByTimestamp, onNoMatch } = environment;
  const timestamps = startingTimestamp ?? startingOffsetsByTimestamp;
  return timestamps === undefined
    ? {}
    : { startingTimestamps: { timestamps, onNoMatch: onNoMatch === "latest" ? onNoMatch : "error" } };
}

function startingGroupOf(environment: SchedulerEnvironment): Pick<SchedulerRules, "startingGroup"> {
  const { startingOffsetsFromGroup: groupId, onNoMatch = "error" } = environment;
  return groupId === undefined ? {} : { startingGroup: { groupId, onNoMatch } };
}

function limitsOf(environment: SchedulerEnvironment) {
  const { maxRecordsPerPartition, minRecordsPerPartition, maxRecordsPerBatch } = environment;
  const { minRecordsPerBatch, maxBatchDelayMs, maxConcurrency } = environment;
  const { initialRecordsPerPartition, adaptiveSize, batchIntervalMs, processorTimeoutMs } = environment;
  return {
    initialRecordsPerPartition,
    isSizeAdaptive: adaptiveSize,
    batchIntervalMs,
    processorTimeoutMs,
    maxRecordsPerPartition,
    ...omitUndefined({ minRecordsPerPartition, maxRecordsPerBatch, maxConcurrency }),
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

function parallelOf({ ordered, maxRecordsPerRange, minPartitions }: SchedulerEnvironment) {
  return ordered
    ? {}
    : {
        parallel: {
          ...omitUndefined({ maxRecordsPerRange, minPartitions }),
        },
      };
}

function backpressureOf({ pidProportional, pidIntegral, pidDerived, pidMinRate }: SchedulerEnvironment) {
  // Present all together, or none (function-environment.ts).
  const weights = { proportional: pidProportional, integral: pidIntegral, derived: pidDerived, minRate: pidMinRate };
  return hasAll(weights) ? { backpressure: weights } : {};
}

function hasAll<Key extends string>(
  values: {
    readonly [key in Key]: number | undefined;
  },
): values is { readonly [key in Key]: number } {
  return Object.values(values).every((value) => value !== undefined);
}
