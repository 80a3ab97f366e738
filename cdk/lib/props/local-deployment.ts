import type { Construct } from "constructs";
import { LOCAL_BOOTSTRAP_SERVERS } from "../../../shared/wire/environment/local-context.ts";

/** The brokers of the local Kafka; undefined where the app is deployed for good. */
export function localBootstrapServers(scope: Construct): readonly string[] | undefined {
  const value: unknown = scope.node.tryGetContext(LOCAL_BOOTSTRAP_SERVERS);
  return typeof value === "string" ? value.split(",") : undefined;
}
