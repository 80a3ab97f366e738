import { Annotations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { SettledParams } from "./settle-params.ts";

/** Says once, where the app is synthesized, which of Kafka's settings are without effect. */
export function tellParams(scope: Construct, settled: SettledParams | undefined): void {
  for (const note of settled?.notes ?? []) {
    Annotations.of(scope).addInfoV2("kafka-offset-ranges:kafka-params", `kafkaParams: ${note}`);
  }
}
