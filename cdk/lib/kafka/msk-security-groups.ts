import { Connections, type IConnectable, Port, SecurityGroup } from "aws-cdk-lib/aws-ec2";
import type { CfnCluster, CfnServerlessCluster } from "aws-cdk-lib/aws-msk";
import type { Construct } from "constructs";
import type { KafkaProps } from "./kafka-props.ts";
import { isMskResource, isServerless, type MskCluster, type MskClusterConstruct } from "./msk-cluster.ts";
import { mskListener } from "./msk-listener.ts";

/** Opens the brokers of the MSK cluster, as far as their security groups are known, to the functions, and these to them. */
export function openBrokers(scope: Construct, props: KafkaProps, functions: IConnectable): void {
  const { mskCluster, mskSecurityGroups: securityGroups } = props;
  const listener = mskListener(props);
  if (mskCluster === undefined || listener === undefined) {
    return;
  }
  const brokers = securityGroups === undefined ? connectionsOf(scope, mskCluster) : new Connections({ securityGroups });
  if (brokers !== undefined) {
    functions.connections.allowTo({ connections: brokers }, Port.tcp(listener.port), "Kafka's brokers");
  }
}

function connectionsOf(scope: Construct, cluster: MskCluster): Connections | undefined {
  if (typeof cluster === "string") {
    return undefined;
  }
  if (!isMskResource(cluster)) {
    return ownConnections(cluster);
  }
  const ids = securityGroupIds(cluster);
  return new Connections({
    securityGroups: ids.map((id, index) => SecurityGroup.fromSecurityGroupId(scope, `Brokers${index}`, id)),
  });
}

/** A cluster that is imported without its groups answers by an error, of the alpha package's own. */
function ownConnections(cluster: MskClusterConstruct): Connections | undefined {
  try {
    return cluster.connections;
  } catch {
    return undefined;
  }
}

/** Those that the template names; what it leaves to be resolved by a transform is not seen. */
function securityGroupIds(cluster: CfnCluster | CfnServerlessCluster): readonly string[] {
  if (isServerless(cluster)) {
    const { vpcConfigs } = cluster;
    const configs = Array.isArray(vpcConfigs) ? vpcConfigs : [];
    return [...new Set(configs.flatMap((config) => ("securityGroups" in config ? (config.securityGroups ?? []) : [])))];
  }
  const { brokerNodeGroupInfo: info } = cluster;
  return "securityGroups" in info ? (info.securityGroups ?? []) : [];
}
