import type { IGrantable } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";
import { grantKafka, type KafkaAccess } from "./kafka-sasl.ts";
import { grantParams, type ParamsAccess } from "./params/grant-params.ts";

/** What of a pipeline's props says how its cluster is entered. */
export type ClusterAccess = KafkaAccess & ParamsAccess;

/** Lets the grantee into the cluster: to describe and read its topics, and what `sasl` and `kafkaParams` refer to. */
export function grantCluster(scope: Construct, access: ClusterAccess, grantee: IGrantable): void {
  grantKafka(access, grantee);
  grantParams(scope, access, grantee);
}
