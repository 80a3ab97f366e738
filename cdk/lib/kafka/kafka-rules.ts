import { hasMethod, isObject, known, listOf, type PropRules, such, text, whole } from "../props/prop-rules.ts";
import type { KafkaProps } from "./kafka-props.ts";
import { saslRule } from "./kafka-sasl.ts";
import { mskClusterRule } from "./msk-cluster.ts";

export const kafkaRules: PropRules<KafkaProps> = {
  bootstrapServers: listOf(text),
  mskCluster: mskClusterRule,
  mskSecurityGroups: listOf(such("a SecurityGroup", isObject)),
  kafkaParams: such("an object of Kafka's settings, as readKafkaParams gives it", isObject),
  kafkaParamsSecret: such("a Secret", (value) => hasMethod(value, "grantRead")),
  clientId: known,
  consumerCacheMaxCapacity: whole,
  securityProtocol: known,
  sasl: saslRule,
  isolationLevel: known,
  rackId: known,
};
