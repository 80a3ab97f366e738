// MSK brokers
//
// Asks MSK for a cluster's brokers when the stack is deployed, by CDK's own custom
// resource, whose role may ask for those of this one cluster.

import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from "aws-cdk-lib/custom-resources";
import type { Construct } from "constructs";
import type { KafkaProps } from "./kafka-props.ts";
import type { KafkaSasl, SettledSasl } from "./kafka-sasl.ts";
import { type MskCluster, mskClusterArn } from "./msk-cluster.ts";
import { mskListener, mskSasl } from "./msk-listener.ts";

/** A cluster whose brokers are known, at the latest when the stack is deployed. */
export interface SettledKafka {
  readonly bootstrapServers: readonly string[];
  readonly sasl?: SettledSasl;
}

/** With an MSK cluster its brokers are what `lookUp` finds under that name of the response. */
export function settleKafka(
  props: KafkaProps,
  lookUp: (cluster: MskCluster, response: string) => string,
): SettledKafka {
  const { mskCluster, bootstrapServers = [] } = props;
  const listener = mskListener(props);
  if (mskCluster === undefined || listener === undefined) {
    return { bootstrapServers, ...settleSasl(props.sasl, "") };
  }
  return {
    bootstrapServers: [lookUp(mskCluster, listener.brokers)],
    ...settleSasl(mskSasl(props), mskClusterArn(mskCluster)),
  };
}

function settleSasl(sasl: KafkaSasl | undefined, ofCluster: string): Pick<SettledKafka, "sasl"> {
  if (sasl === undefined) {
    return {};
  }
  return { sasl: sasl.mechanism === "AWS_MSK_IAM" ? { ...sasl, clusterArn: sasl.clusterArn ?? ofCluster } : sasl };
}

/** The brokers as GetBootstrapBrokers answers them, filled in when the stack is deployed. */
export function lookUpBrokers(scope: Construct, cluster: MskCluster, response: string): string {
  const ClusterArn = mskClusterArn(cluster);
  const brokers = new AwsCustomResource(scope, "Brokers", {
    resourceType: "Custom::MskBootstrapBrokers",
    onUpdate: {
      service: "kafka",
      action: "GetBootstrapBrokers",
      parameters: { ClusterArn },
      physicalResourceId: PhysicalResourceId.of(ClusterArn),
      outputPaths: [response],
    },
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [ClusterArn] }),
    // What Lambda brings knows the call.
    installLatestAwsSdk: false,
  });
  return brokers.getResponseField(response);
}
