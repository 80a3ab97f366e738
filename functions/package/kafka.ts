// The output to Kafka: `kafka-offset-ranges/kafka`.

export type { KafkaOutputHeader, KafkaOutputRecord, OutputBytes } from "../../shared/kafka/output/output-record.ts";
export { type KafkaOutputOptions, kafkaOutput } from "../outputs/kafka/kafka-output.ts";
