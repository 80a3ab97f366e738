// Function defaults
//
// What a pipeline's two functions are told alike, with the defaults that
// RangePipelineProps documents.

import { Duration } from "aws-cdk-lib";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { saslConfig } from "./kafka-sasl.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import type { RuntimeFunctionProps } from "./runtime-function.ts";

/** The part of the configuration that scheduler and processor share. */
export function sharedConfig(props: RangePipelineProps, pipeline: string, ledgerTable: string) {
  return {
    pipeline,
    ledgerTable,
    bootstrapServers: props.bootstrapServers,
    securityProtocol: props.securityProtocol ?? (props.sasl === undefined ? "PLAINTEXT" : "SASL_SSL"),
    ...saslConfig(props.sasl),
    ...omitUndefined({ clientId: props.clientId }),
    isolationLevel: props.isolationLevel ?? "read_committed",
    maxAttempts: props.maxAttempts ?? 5,
    onDataLoss: props.onDataLoss ?? "fail",
    retentionMs: (props.retention ?? Duration.days(30)).toMilliseconds(),
  } as const;
}

export type SharedConfig = ReturnType<typeof sharedConfig>;

export function dispatchTimeoutOf({ dispatchTimeout }: RangePipelineProps): Duration {
  return dispatchTimeout ?? Duration.minutes(2);
}

export function batchIntervalOf({ batchInterval }: RangePipelineProps): Duration {
  return batchInterval ?? Duration.minutes(1);
}

export function processorTimeoutOf({ processorTimeout }: RangePipelineProps): Duration {
  return processorTimeout ?? Duration.minutes(5);
}

const MIN_OPEN_RANGE_ALARM = Duration.minutes(15);

/** By default three times what one attempt may take from its dispatch on. */
export function maxOpenRangeAgeOf(props: RangePipelineProps): Duration {
  const attemptMs = dispatchTimeoutOf(props).toMilliseconds() + processorTimeoutOf(props).toMilliseconds();
  return props.maxOpenRangeAge ?? Duration.millis(Math.max(MIN_OPEN_RANGE_ALARM.toMilliseconds(), 3 * attemptMs));
}

/** Where both functions run and log. */
export function placementOf({
  vpc,
  vpcSubnets,
  securityGroups,
  logRetention,
  logLevel,
}: RangePipelineProps): Pick<
  RuntimeFunctionProps,
  "vpc" | "vpcSubnets" | "securityGroups" | "logRetention" | "logLevel"
> {
  return { vpc, vpcSubnets, securityGroups, logRetention, logLevel };
}
