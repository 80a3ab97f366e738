import { Connections } from "aws-cdk-lib/aws-ec2";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { localBootstrapServers } from "../props/local-deployment.ts";
import { refuseProps } from "../props/refuse-props.ts";

/** All functions' security groups. Throws outside of a VPC. */
export function functionConnections(scope: Construct, functions: readonly IFunction[]): Connections {
  if (localBootstrapServers(scope) !== undefined) {
    // The brokers of a local deployment let everybody in.
    return new Connections();
  }
  if (!functions.every(({ isBoundToVpc }) => isBoundToVpc)) {
    refuseProps(scope, [`${scope.node.path} is in no VPC and has no security groups; give it a vpc`]);
  }
  return new Connections({ securityGroups: functions.flatMap(({ connections }) => connections.securityGroups) });
}
