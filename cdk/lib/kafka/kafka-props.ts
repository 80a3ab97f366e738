import type { KafkaSasl } from "./kafka-sasl.ts";

/** Which cluster a pipeline reads, and how its functions enter it. */
export interface KafkaProps {
  /** Kafka brokers to ask first, as `host:port`, with the security protocol in front or not. */
  readonly bootstrapServers: readonly string[];
  /**
   * Kafka's `client.id` of both functions, by which brokers count quotas: all their invocations share one.
   * @default - the pipeline's name and "-scheduler" or "-processor"
   */
  readonly clientId?: string;
  /** Kafka's `security.protocol`. @default "PLAINTEXT", or "SASL_SSL" with `sasl` */
  readonly securityProtocol?: "PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /**
   * How the functions authenticate. They are granted the secret, or reading in the MSK cluster.
   * @default - not at all
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
