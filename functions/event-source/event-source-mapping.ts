// Event source mapping
//
// The configuration of Lambda's event source mapping, in AWS's own names: what
// `aws lambda get-event-source-mapping` prints, pasted as it is.
//
//   ES1  What would have changed what the handler gets and cannot be had here is refused; what is the
//        pipeline's own business here (retries, where it starts, who may read) has no effect.

import { listNames, quote } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { compileFilterCriteria, type FilterCriteria, type RecordFilter } from "./filter/filter-criteria.ts";
import { DEFAULT_BATCH_SIZE, MAX_BATCH_SIZE } from "./limits.ts";

/** What of an event source mapping shapes the handler's events; the other fields may stay where they are. */
export interface EventSourceMapping {
  /** Records of one event, from 1 to 10,000. @default 100 */
  readonly BatchSize?: number;
  /** Of the MSK cluster: events then say `aws:kafka`, and `SelfManagedKafka` otherwise. */
  readonly EventSourceArn?: string;
  /** What events say of the brokers. @default - the pipeline's own */
  readonly SelfManagedEventSource?: { readonly Endpoints?: Readonly<Record<string, readonly string[]>> };
  /** Which records the handler gets. @default - all of them */
  readonly FilterCriteria?: FilterCriteria | null;
  /** With `ReportBatchItemFailures` the handler's answer tells which records failed. @default - it tells nothing */
  readonly FunctionResponseTypes?: readonly string[];
  /** Of the other fields none has an effect; one that AWS does not know is refused. */
  readonly [field: string]: unknown;
}

export interface EventSourceSettings {
  readonly batchSize: number;
  readonly eventSourceArn: string | undefined;
  readonly bootstrapServers: string | undefined;
  readonly filter: RecordFilter;
  readonly reportsFailures: boolean;
}

/** Of CreateEventSourceMapping and GetEventSourceMapping. */
export const FIELDS_WITHOUT_EFFECT = [
  "$metadata",
  "AmazonManagedKafkaEventSourceConfig",
  "BisectBatchOnFunctionError",
  "DestinationConfig",
  "DocumentDBEventSourceConfig",
  "Enabled",
  "EventSourceMappingArn",
  "FilterCriteriaError",
  "FunctionArn",
  "FunctionName",
  "KMSKeyArn",
  "LastModified",
  "LastProcessingResult",
  "LoggingConfig",
  "MaximumBatchingWindowInSeconds",
  "MaximumRecordAgeInSeconds",
  "MaximumRetryAttempts",
  "MetricsConfig",
  "ParallelizationFactor",
  "ProvisionedPollerConfig",
  "Queues",
  "ScalingConfig",
  "SelfManagedKafkaEventSourceConfig",
  "SourceAccessConfigurations",
  "StartingPosition",
  "StartingPositionTimestamp",
  "State",
  "StateTransitionReason",
  "Tags",
  "Topics",
  "TumblingWindowInSeconds",
  "UUID",
];

/** Throws ConfigurationError for what is no mapping, or none that can be taken over as it is (ES1). */
export function decodeEventSourceMapping(mapping: EventSourceMapping): EventSourceSettings {
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) {
    throw wrong("", mapping, "expected an object, as `aws lambda get-event-source-mapping` prints it");
  }
  const { BatchSize, EventSourceArn, SelfManagedEventSource, FilterCriteria, FunctionResponseTypes, ...others } =
    mapping;
  const unknown = Object.keys(others).filter((name) => !FIELDS_WITHOUT_EFFECT.includes(name));
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `fromEventSourceHandler: ${listNames(unknown)}: no field of an event source mapping for Kafka; give its names as AWS spells them, as BatchSize and FilterCriteria`,
    );
  }
  refuseUntaken(mapping);
  return {
    batchSize: takeBatchSize(BatchSize),
    eventSourceArn: takeArn(EventSourceArn),
    bootstrapServers: takeServers(SelfManagedEventSource),
    filter: compileFilterCriteria(FilterCriteria),
    reportsFailures: takeResponseTypes(FunctionResponseTypes),
  };
}

function refuseUntaken(mapping: EventSourceMapping): void {
  for (const name of ["AmazonManagedKafkaEventSourceConfig", "SelfManagedKafkaEventSourceConfig"]) {
    const config = mapping[name] as { readonly SchemaRegistryConfig?: unknown } | null | undefined; // Any value's.
    if (config?.SchemaRegistryConfig !== undefined && config.SchemaRegistryConfig !== null) {
      throw wrong(
        `${name}.SchemaRegistryConfig`,
        config.SchemaRegistryConfig,
        "records reach the handler as they are in Kafka; decode them there, and leave the field out",
      );
    }
  }
  const { FilterCriteria } = mapping;
  if (mapping["KMSKeyArn"] && FilterCriteria === null) {
    throw wrong(
      "FilterCriteria",
      null,
      "they are encrypted, and not shown in a list: take them from `aws lambda get-event-source-mapping`, or leave the field out for no filter",
    );
  }
  const unreadable = mapping["FilterCriteriaError"];
  if (!isMissing(unreadable) && isMissing(FilterCriteria)) {
    throw wrong(
      "FilterCriteriaError",
      unreadable,
      "the mapping has a filter that whoever printed it may not decrypt: give its FilterCriteria, or leave both fields out for no filter",
    );
  }
  if (!isMissing(mapping.EventSourceArn) && !isMissing(mapping.SelfManagedEventSource)) {
    throw wrong(
      "SelfManagedEventSource",
      mapping.SelfManagedEventSource,
      "EventSourceArn is given too, and a mapping has one of them: leave the other out",
    );
  }
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}

function takeBatchSize(size: unknown = DEFAULT_BATCH_SIZE): number {
  if (typeof size !== "number" || !Number.isInteger(size) || size < 1 || size > MAX_BATCH_SIZE) {
    throw wrong("BatchSize", size, `expected a whole number from 1 to ${MAX_BATCH_SIZE}`);
  }
  return size;
}

function takeArn(arn: unknown): string | undefined {
  if (arn !== undefined && (typeof arn !== "string" || !/^arn:[^:]+:kafka:/.test(arn))) {
    throw wrong(
      "EventSourceArn",
      arn,
      "expected that of an MSK cluster, as arn:aws:kafka:eu-west-1:123456789012:cluster/…",
    );
  }
  return arn;
}

function takeServers(source: unknown): string | undefined {
  if (isMissing(source)) {
    return undefined;
  }
  const endpoints = (source as EventSourceMapping["SelfManagedEventSource"])?.Endpoints; // Checked below.
  const servers: unknown = endpoints?.["KAFKA_BOOTSTRAP_SERVERS"];
  if (servers === undefined) {
    throw wrong("SelfManagedEventSource", source, 'expected { Endpoints: { KAFKA_BOOTSTRAP_SERVERS: ["host:port"] } }');
  }
  if (!Array.isArray(servers) || servers.length === 0 || servers.some((server) => typeof server !== "string")) {
    throw wrong("SelfManagedEventSource.Endpoints.KAFKA_BOOTSTRAP_SERVERS", servers, "expected host:port texts");
  }
  return servers.join(",");
}

function takeResponseTypes(types: unknown = []): boolean {
  const isKnown = Array.isArray(types) && types.every((type) => type === "ReportBatchItemFailures");
  if (!isKnown) {
    throw wrong("FunctionResponseTypes", types, 'expected [] or ["ReportBatchItemFailures"]');
  }
  return types.length > 0;
}

function wrong(field: string, value: unknown, remedy: string): ConfigurationError {
  const name = field === "" ? "the mapping" : field;
  return new ConfigurationError(`fromEventSourceHandler: ${name} is ${quote(value)}; ${remedy}`);
}
