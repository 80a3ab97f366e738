import { known, listOf, type PropRules, required, text } from "../props/prop-rules.ts";
import type { KafkaProps } from "./kafka-props.ts";
import { saslRule } from "./kafka-sasl.ts";

export const kafkaRules: PropRules<KafkaProps> = {
  bootstrapServers: required(listOf(text)),
  clientId: known,
  securityProtocol: known,
  sasl: saslRule,
  isolationLevel: known,
  rackId: known,
};
