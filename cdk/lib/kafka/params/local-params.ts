import { settingName } from "../../../../shared/wire/kafka-params/setting-names.ts";
import type { KafkaParamValues } from "./param-values.ts";

/** What of Kafka's settings says what is read, wherever that is. */
const OF_READING: readonly string[] = ["auto.offset.reset", "client.id", "isolation.level"];

/** On a local Kafka: without the cluster's brokers, entry and pace. */
export function localParams(values: KafkaParamValues): KafkaParamValues {
  return Object.fromEntries(Object.entries(values).filter(([key]) => OF_READING.includes(settingName(key))));
}
