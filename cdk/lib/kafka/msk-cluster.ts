// MSK cluster
//
// Which cluster of Amazon MSK a pipeline reads.

import { CfnResource } from "aws-cdk-lib";
import type { Connections } from "aws-cdk-lib/aws-ec2";
import type { CfnCluster, CfnServerlessCluster } from "aws-cdk-lib/aws-msk";
import { isObject, type PropRule, showValue } from "../props/prop-rules.ts";

/** A cluster as `@aws-cdk/aws-msk-alpha` has it. */
export interface MskClusterConstruct {
  /** `arn:aws:kafka:REGION:ACCOUNT:cluster/NAME/UUID`. */
  readonly clusterArn: string;
  /** Throws where the cluster is imported without its security groups. */
  readonly connections?: Connections;
}

/** A cluster by its ARN, or by the construct that makes or imports it. */
export type MskCluster = string | CfnCluster | CfnServerlessCluster | MskClusterConstruct;

const CLUSTER_ARN = /^arn:[\w-]+:kafka:[\w-]+:\d{12}:cluster\/[\w-]+\/[\w-]+$/;
const CHOICES = "the ARN of an MSK cluster, a CfnCluster, a CfnServerlessCluster or a Cluster of aws-msk-alpha";

export const mskClusterRule: PropRule = (value, name) => {
  const isKnown = typeof value === "string" ? CLUSTER_ARN.test(value) : isObject(value) && arnOf(value) !== undefined;
  return isKnown ? [] : [`${name} is ${showValue(value)}; choose ${CHOICES}`];
};

/** Of a cluster that the rule takes. */
export function mskClusterArn(cluster: MskCluster): string {
  return typeof cluster === "string" ? cluster : (arnOf(cluster) ?? "");
}

function arnOf(cluster: object): string | undefined {
  const arn: unknown = Reflect.get(cluster, isMskResource(cluster) ? "attrArn" : "clusterArn");
  return typeof arn === "string" ? arn : undefined;
}

/** By their types in CloudFormation: they may be of another copy of CDK. */
export function isMskResource(cluster: object): cluster is CfnCluster | CfnServerlessCluster {
  return isOfType(cluster, "AWS::MSK::Cluster") || isServerless(cluster);
}

export function isServerless(cluster: MskCluster | object): cluster is CfnServerlessCluster {
  return typeof cluster === "object" && isOfType(cluster, "AWS::MSK::ServerlessCluster");
}

function isOfType(cluster: object, type: string): boolean {
  return CfnResource.isCfnResource(cluster) && cluster.cfnResourceType === type;
}
