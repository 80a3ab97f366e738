// Resolve props
//
// Every default of a pipeline's props, as RangePipelineProps documents them. What has none,
// and what is wrong with the props (range-pipeline-rules.ts), is left as it is.

import { Duration } from "aws-cdk-lib";
import { Architecture } from "aws-cdk-lib/aws-lambda";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { DEFAULT_MAX_OUTAGE_ATTEMPTS } from "../../shared/core/limits.ts";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { saslConfig } from "./kafka/kafka-sasl.ts";
import type { SettledKafka } from "./kafka/msk-brokers.ts";
import { settledParams } from "./kafka/params/settle-params.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { ONE_VCPU_MIB, type RuntimeFunctionProps } from "./runtime-function.ts";

const MIN_OPEN_RANGE_ALARM_MS = Duration.minutes(15).toMilliseconds();

export type ResolvedProps = Omit<RangePipelineProps, keyof SettledKafka> & ReturnType<typeof resolveProps>;

export function resolveProps(
  { sasl: _sasl, bootstrapServers: _servers, ...props }: RangePipelineProps,
  kafka: SettledKafka,
) {
  const { dispatchTimeout = Duration.minutes(2), processorTimeout = Duration.minutes(5), adaptiveSize = true } = props;
  const attemptMs = dispatchTimeout.toMilliseconds() + longestTimeoutMs(props.locationStrategy, processorTimeout);
  const { maxBatchDelay = props.minRecordsPerBatch === undefined ? undefined : Duration.minutes(15) } = props;
  const { schedulerReservedConcurrency = props.maxConcurrency === undefined ? undefined : 2 } = props;
  return {
    ...props,
    ...kafka,
    settledParams: settledParams({ ...props, ...kafka }),
    dispatchTimeout,
    processorTimeout,
    adaptiveSize,
    startingOffsets: props.startingOffsets ?? "earliest",
    batchInterval: props.batchInterval ?? Duration.minutes(1),
    scheduleEnabled: props.scheduleEnabled ?? true,
    // Three times what one attempt may take from its dispatch on.
    maxOpenRangeAge: props.maxOpenRangeAge ?? Duration.millis(Math.max(MIN_OPEN_RANGE_ALARM_MS, 3 * attemptMs)),
    securityProtocol: props.securityProtocol ?? (kafka.sasl === undefined ? "PLAINTEXT" : "SASL_SSL"),
    isolationLevel: props.isolationLevel ?? "read_committed",
    maxAttempts: props.maxAttempts ?? 5,
    maxOutageAttempts: props.maxOutageAttempts ?? DEFAULT_MAX_OUTAGE_ATTEMPTS,
    onDataLoss: props.onDataLoss ?? "fail",
    onTopicRecreated: props.onTopicRecreated ?? "fail",
    onFailure: props.onFailure ?? "halt",
    maxQuarantinedPerRange: props.maxQuarantinedPerRange ?? 10,
    requireConsecutiveOffsets: props.requireConsecutiveOffsets ?? false,
    retention: props.retention ?? Duration.days(30),
    ordered: props.ordered ?? true,
    initialRecordsPerPartition: props.initialRecordsPerPartition ?? 10_000,
    maxRecordsPerPartition: props.maxRecordsPerPartition ?? (adaptiveSize ? 10_000_000 : 100_000),
    dispatchesPerSecond: props.dispatchesPerSecond ?? (kafka.sasl?.mechanism === "AWS_MSK_IAM" ? 100 : 1_000),
    architecture: props.architecture ?? Architecture.ARM_64,
    logRetention: props.logRetention ?? RetentionDays.ONE_MONTH,
    processorMemorySize: props.processorMemorySize ?? ONE_VCPU_MIB,
    ...backpressureOf(props),
    ...omitUndefined({ maxBatchDelay, schedulerReservedConcurrency }),
  } as const;
}

function longestTimeoutMs(strategy: RangePipelineProps["locationStrategy"], processorTimeout: Duration): number {
  const variants = typeof strategy === "object" && "variants" in strategy ? Object.values(strategy.variants) : [];
  return Math.max(
    ...[processorTimeout, ...variants.flatMap((one) => one.timeout ?? [])].map((one) => one.toMilliseconds()),
  );
}

/** The weights are Spark's, and have no default where they are not used. */
function backpressureOf(props: RangePipelineProps) {
  const { backpressure = "off" } = props;
  return backpressure === "off"
    ? { backpressure }
    : {
        backpressure,
        pidProportional: props.pidProportional ?? 1,
        pidIntegral: props.pidIntegral ?? 0.2,
        pidDerived: props.pidDerived ?? 0,
        pidMinRate: props.pidMinRate ?? 100,
      };
}

/** The part of the configuration that scheduler and processor share. */
export function sharedConfig(props: ResolvedProps, pipeline: string, ledgerTable: string) {
  const { bootstrapServers, securityProtocol, clientId, isolationLevel, maxAttempts, onDataLoss } = props;
  const kafkaParams = props.settledParams?.variable;
  const { consumerCacheMaxCapacity } = props;
  return {
    pipeline,
    ledgerTable,
    // Missing ones are refused by the schema of the functions' environment.
    bootstrapServers: bootstrapServers as readonly string[],
    ...(kafkaParams === undefined ? { securityProtocol } : { kafkaParams }),
    ...saslConfig(props.sasl),
    ...omitUndefined({ clientId, consumerCacheMaxCapacity }),
    isolationLevel,
    maxAttempts,
    onDataLoss,
    retentionMs: props.retention.toMilliseconds(),
  } as const;
}

export type SharedConfig = ReturnType<typeof sharedConfig>;

type OfEachFunction =
  | "code"
  | "description"
  | "environment"
  | "timeout"
  | "memorySize"
  | "reservedConcurrentExecutions";

/** Where both functions run and log. */
export function placementOf({
  vpc,
  vpcSubnets,
  securityGroups,
  logRetention,
  logLevel,
  architecture,
}: ResolvedProps): Omit<RuntimeFunctionProps, OfEachFunction> {
  return { vpc, vpcSubnets, securityGroups, logRetention, logLevel, architecture };
}
