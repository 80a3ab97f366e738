// Local props
//
// What becomes of a pipeline's props where `ranges dev` deploys its app to a local
// endpoint: the same pipeline, on plain Kafka and out of any VPC, so that an app which is
// made for a cluster in an account runs as it is.
//
//   LP1  Nothing of this happens without the context value that `ranges dev` passes.

import { Duration } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { localParams } from "./kafka/params/local-params.ts";
import { localBootstrapServers } from "./props/local-deployment.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";

/** How soon what code that cannot start has missed is dispatched again, once the code is mended. */
const MAX_DISPATCH_TIMEOUT = Duration.seconds(20);

/** The props as they are, or, on a local endpoint, without what only the cluster and the network of the account have. */
export function propsHere(scope: Construct, props: RangePipelineProps): RangePipelineProps {
  const bootstrapServers = localBootstrapServers(scope);
  if (bootstrapServers === undefined) {
    return props;
  }
  const {
    mskCluster: _mskCluster,
    mskSecurityGroups: _mskSecurityGroups,
    kafkaParams,
    kafkaParamsSecret: _kafkaParamsSecret,
    sasl: _sasl,
    vpc: _vpc,
    vpcSubnets: _vpcSubnets,
    securityGroups: _securityGroups,
    rackId: _rackId,
    // One processor is enough where all brokers are on one machine.
    locationStrategy: _locationStrategy,
    dispatchTimeout = MAX_DISPATCH_TIMEOUT,
    ...kept
  } = props;
  const isSooner = dispatchTimeout.toMilliseconds() < MAX_DISPATCH_TIMEOUT.toMilliseconds();
  return {
    ...kept,
    ...(kafkaParams === undefined ? {} : { kafkaParams: localParams(kafkaParams) }),
    bootstrapServers,
    securityProtocol: "PLAINTEXT",
    // `ranges dev` runs the scheduler itself, and sooner.
    scheduleEnabled: false,
    dispatchTimeout: isSooner ? dispatchTimeout : MAX_DISPATCH_TIMEOUT,
  };
}
