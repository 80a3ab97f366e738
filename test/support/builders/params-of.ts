import { KafkaParams } from "../../../shared/wire/kafka-params/kafka-params.ts";

/** Settings by Kafka's own names, as a file has them that was judged. */
export function paramsOf(settings: Readonly<Record<string, string>>): KafkaParams {
  return new KafkaParams(Object.entries(settings).map(([key, value]) => [key, { key, value }]));
}
