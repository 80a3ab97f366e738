import type { ISecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { ISecret } from "aws-cdk-lib/aws-secretsmanager";
import type { KafkaSasl } from "./kafka-sasl.ts";
import type { MskCluster } from "./msk-cluster.ts";
import type { KafkaParamValues } from "./params/param-values.ts";

/** Which cluster a pipeline reads, and how its functions enter it. */
export interface KafkaProps {
  /**
   * Kafka brokers to ask first, as `host:port`, with the security protocol in front or not. Exactly one of
   * bootstrapServers and mskCluster.
   * @default - those of `mskCluster`, or `bootstrap.servers` of `kafkaParams`
   */
  readonly bootstrapServers?: readonly string[];
  /**
   * A cluster of Amazon MSK, by its ARN or its construct, whose brokers are looked up when the stack is deployed; needs
   * `vpc`. Where neither `sasl` and `securityProtocol` nor `kafkaParams` say how, the functions enter it by AWS_MSK_IAM,
   * which is all that MSK Serverless takes.
   * @default - the cluster of `bootstrapServers`
   */
  readonly mskCluster?: MskCluster;
  /**
   * The security groups of the MSK cluster's brokers, which are opened to both functions at the port of their protocol.
   * @default - those that the cluster's construct names; none of a cluster by its ARN
   */
  readonly mskSecurityGroups?: ISecurityGroup[];
  /**
   * Kafka's client settings by their own names, or as Spark (`kafka.` in front), Connect or Spring Boot spell them:
   * `readKafkaParams` reads a file of them. What is secret is referred to: `{ secret, field }`, `{ parameter }`,
   * `{ bucket, key }`, or within a text as Kafka's config providers have it. A store's path is one of the project.
   * @default - what the other props say
   */
  readonly kafkaParams?: KafkaParamValues;
  /**
   * A secret that is a whole consumer.properties, or an object of its settings in JSON. It is read when the functions
   * connect, and says how they enter: of what the pipeline's props say it may only repeat them.
   * @default - none
   */
  readonly kafkaParamsSecret?: ISecret;
  /**
   * Kafka's `client.id` of both functions, by which brokers count quotas: all their invocations share one.
   * @default - the pipeline's name and "-scheduler" or "-processor"
   */
  readonly clientId?: string;
  /**
   * Connections that an environment of a function keeps to the brokers, those in use among them (Spark's
   * `spark.kafka.consumer.cache.maxCapacity`); from 0. Beyond it the one that has been idle for longest is closed, and
   * none in use.
   * @default 64
   */
  readonly consumerCacheMaxCapacity?: number;
  /** Kafka's `security.protocol`. @default "PLAINTEXT", or "SASL_SSL" with `sasl` or `mskCluster` */
  readonly securityProtocol?: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /**
   * How the functions authenticate. They are granted the secret, or reading in the MSK cluster.
   * @default - not at all; AWS_MSK_IAM with `mskCluster`
   */
  readonly sasl?: KafkaSasl;
  /** Which records are visible: Kafka's `isolation.level`, for planning and for reading. @default "read_committed" */
  readonly isolationLevel?: "read_committed" | "read_uncommitted";
  /**
   * Kafka's `client.rack`: processors fetch from a replica in this rack where the brokers' `replica.selector.class`
   * lets them. `availability-zone-id` is the zone that each processor finds itself in, as MSK names its racks.
   * @default - from the leader, wherever it is
   */
  readonly rackId?: string;
}
