// Kafka output: what a pipeline names to have its outputs written to Kafka exactly once. How
// that is done is shared/kafka/output.

import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import {
  CHECKED_ELSEWHERE,
  type OptionRules,
  oneOf,
  requireOptions,
  TEXT,
} from "../../../shared/core/options/require-options.ts";
import type { RangeOutput } from "../../../shared/core/output/range-output.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import { OUTPUT_COMPRESSIONS } from "../../../shared/kafka/output/encoding/compress.ts";
import type { KafkaOutputRecord } from "../../../shared/kafka/output/output-record.ts";
import { createKafkaRangeOutput, type KafkaRangeOutputOptions } from "../../../shared/kafka/output/range-output.ts";
import { kafkaConnectionOf } from "../../connecting/kafka-connection.ts";
import { readProcessorConfig } from "../../processor/processor-config.ts";

/** Where outputs go, and how that cluster is entered. */
export interface KafkaOutputOptions extends KafkaRangeOutputOptions {
  /**
   * Another cluster, `host:port` each; `topic` then has to be named.
   * @default - the pipeline's own, by the function's environment
   */
  readonly bootstrapServers?: readonly string[];
  /** Of that other cluster. `true` trusts the system's certificate authorities. @default plaintext */
  readonly ssl?: KafkaOptions["ssl"];
  /** Of that other cluster. @default no authentication */
  readonly sasl?: KafkaOptions["sasl"];
  /** Of that other cluster. @default "kafka-offset-ranges" */
  readonly clientId?: string;
}

const RULES: OptionRules<KafkaOutputOptions> = {
  topic: CHECKED_ELSEWHERE,
  compression: oneOf(...OUTPUT_COMPRESSIONS),
  transactionTimeoutMs: CHECKED_ELSEWHERE,
  bootstrapServers: {
    expected: "an array of host:port",
    takes: (value) => Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === "string"),
    // Of whoever gives one text, with a user in it.
    isSecret: true,
  },
  ssl: {
    expected: "true, false, or an object of Node.js's TLS options",
    takes: (value) => typeof value === "boolean" || (typeof value === "object" && value !== null),
    isSecret: true,
  },
  sasl: {
    expected: "{ mechanism, … }",
    takes: (value) => typeof value === "function" || (typeof value === "object" && value !== null),
    isSecret: true,
  },
  clientId: TEXT,
};

/** Throws ConfigurationError for options that cannot work; connects when the first range comes. */
export function kafkaOutput(options: KafkaOutputOptions = {}): RangeOutput<KafkaOutputRecord> {
  requireOptions("kafkaOutput", options, RULES);
  const { bootstrapServers, ssl, sasl, clientId, ...rest } = options;
  if (bootstrapServers === undefined) {
    const stray = Object.keys(omitUndefined({ ssl, sasl, clientId })).join(", ");
    if (stray !== "") {
      throw new ConfigurationError(
        `kafkaOutput has ${stray} without bootstrapServers: the pipeline's own cluster is entered as the function's environment says; name the other cluster, or leave ${stray} out`,
      );
    }
    return createKafkaRangeOutput({ ...rest, isElsewhere: false, connection: ownConnection });
  }
  const connection = { bootstrapServers, clientId: clientId ?? "kafka-offset-ranges", ...omitUndefined({ ssl, sasl }) };
  return createKafkaRangeOutput({ ...rest, isElsewhere: true, connection: () => connection });
}

function ownConnection(): KafkaOptions {
  // What is not used is told by the connection that reads.
  return kafkaConnectionOf(readProcessorConfig(), "processor", () => undefined);
}
