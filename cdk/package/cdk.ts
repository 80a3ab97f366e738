// What a CDK app imports: `kafka-offset-ranges/cdk`.

export { ArchiveBucket, type ArchiveBucketProps } from "../lib/archive/archive-bucket.ts";
export type { IamSasl, KafkaSasl, PasswordSasl } from "../lib/kafka/kafka-sasl.ts";
export type { MskCluster, MskClusterConstruct } from "../lib/kafka/msk-cluster.ts";
export type {
  KafkaParamValue,
  KafkaParamValues,
  ObjectParam,
  ParameterParam,
  SecretParam,
} from "../lib/kafka/params/param-values.ts";
export { readKafkaParams } from "../lib/kafka/params/read-kafka-params.ts";
export { type ImportedLedgerOptions, type Ledger, LedgerTable, type LedgerTableProps } from "../lib/ledger-table.ts";
export type { DeadLetterBucket, DeadLetterTarget, DeadLetterTopic } from "../lib/letters/dead-letter-target.ts";
export type {
  LocationStrategy,
  PreferBrokers,
  PreferFixed,
  ProcessorVariantProps,
} from "../lib/location/location-strategy.ts";
export type { LogLevel } from "../lib/logs/log-volume.ts";
export type { PipelineFunctionProps } from "../lib/props/pipeline-function-props.ts";
export type { FromGroup, StartingOffsets } from "../lib/props/starting-offsets.ts";
export { RangePipeline } from "../lib/range-pipeline.ts";
export type { RangePipelineProps } from "../lib/range-pipeline-props.ts";
