import { type KafkaConfig, logLevel } from "kafkajs";

/** A kafkajs client that writes nothing to the terminal; what fails is told by its caller. */
export function silentKafkaOptions(clientId: string, bootstrapServers: string): KafkaConfig {
  return {
    clientId,
    brokers: bootstrapServers.split(","),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    requestTimeout: 10_000,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 8 },
  };
}
