import { readFileSync } from "node:fs";
import { quote } from "../../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";
import { decodeProperties, parseJavaProperties } from "../../../../shared/wire/java/java-properties.ts";
import type { KafkaParamValues } from "./param-values.ts";

/**
 * The settings of a consumer.properties, as a Java service has it, for `kafkaParams`. A relative path is taken from where
 * the app runs. Throws ConfigurationError for a file that cannot be read.
 */
export function readKafkaParams(path: string): KafkaParamValues {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (cause) {
    throw new ConfigurationError(`the Kafka settings in ${quote(path)} cannot be read: ${String(cause)}`, { cause });
  }
  return Object.fromEntries(parseJavaProperties(decodeProperties(content)).map(({ key, value }) => [key, value]));
}
