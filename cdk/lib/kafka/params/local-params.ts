import { nameSetting } from "../../../../shared/wire/kafka-params/setting-names.ts";
import type { KafkaParamValue, KafkaParamValues } from "./param-values.ts";

/** What of Kafka's settings says what is read, wherever that is. */
const OF_READING: readonly string[] = ["auto.offset.reset", "client.id", "isolation.level"];

/** On a local Kafka: without the cluster's brokers, entry and pace. */
export function localParams(values: KafkaParamValues): KafkaParamValues {
  return Object.fromEntries(Object.entries(values).filter(([key, value]) => OF_READING.includes(nameOf(key, value))));
}

/** What is referred to has Kafka's name whatever it holds. */
function nameOf(key: string, value: KafkaParamValue): string {
  return nameSetting(key, typeof value === "object" ? "" : String(value)).name;
}
