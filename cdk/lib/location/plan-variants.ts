// Plan variants
//
// The processor functions that a location strategy asks for, beside the default one.

import { type Duration, Token } from "aws-cdk-lib";
import { CfnSubnet, type ISubnet, type SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { RACK_OF_AVAILABILITY_ZONE } from "../../../shared/wire/environment/function-environment.ts";
import type { PipelineFunctionProps } from "../props/pipeline-function-props.ts";
import type { LocationProps } from "./location-props.ts";
import type { LocationStrategy, PreferBrokers, PreferFixed } from "./location-strategy.ts";

/** A function as it is to be, and what the scheduler is told of it. */
export interface PlannedVariant {
  readonly name: string;
  readonly timeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
  /** A limit of its own; absent: its ranges count among the pipeline's. */
  readonly maxConcurrency?: number;
  /** Where it runs. @default the pipeline's subnets */
  readonly vpcSubnets?: SubnetSelection;
  /** What its brokers may call their rack. */
  readonly racks?: readonly string[];
  /** Kafka's `client.rack`. @default the pipeline's */
  readonly rackId?: string;
}

export interface VariantProps extends LocationProps, Pick<PipelineFunctionProps, "vpc" | "vpcSubnets"> {
  readonly processorTimeout: Duration;
  readonly processorMemorySize: number;
}

export function planVariants(props: VariantProps): readonly PlannedVariant[] {
  const { locationStrategy = "preferConsistent", processorTimeout: timeout, processorMemorySize: memorySize } = props;
  if (isFixed(locationStrategy)) {
    return Object.entries(locationStrategy.variants).map(([name, own]) => ({ name, timeout, memorySize, ...own }));
  }
  const racks = toldRacks(locationStrategy);
  return [...zonesOf(props)].map(([zone, subnets]) => ({
    name: zone,
    timeout,
    memorySize,
    vpcSubnets: { subnets: [...subnets] },
    racks: racks[zone] === undefined ? rackNames(zone, subnets) : [racks[zone]],
    rackId: racks[zone] ?? RACK_OF_AVAILABILITY_ZONE,
  }));
}

/** The partitions of each variant. */
export function partitionsByVariant({ locationStrategy = "preferConsistent" }: LocationProps) {
  if (!isFixed(locationStrategy)) {
    return undefined;
  }
  const entries = Object.entries(locationStrategy.preferFixed);
  const byName = Map.groupBy(entries, ([, name]) => name);
  return Object.fromEntries([...byName].map(([name, named]) => [name, named.map(([partition]) => partition)]));
}

/** The subnets of the functions by their zone; none unless each zone has one. */
export function zonesOf({
  locationStrategy = "preferConsistent",
  vpc,
  vpcSubnets,
}: Pick<VariantProps, "locationStrategy" | "vpc" | "vpcSubnets">): ReadonlyMap<string, readonly ISubnet[]> {
  return vpc === undefined || !prefersBrokers(locationStrategy)
    ? new Map()
    : Map.groupBy(vpc.selectSubnets(vpcSubnets).subnets, ({ availabilityZone }) => availabilityZone);
}

export function prefersBrokers(strategy: LocationStrategy): strategy is "preferBrokers" | PreferBrokers {
  return strategy === "preferBrokers" || (typeof strategy === "object" && "preferBrokers" in strategy);
}

function isFixed(strategy: LocationStrategy): strategy is PreferFixed {
  return typeof strategy === "object" && "preferFixed" in strategy;
}

export function toldRacks(strategy: LocationStrategy): Readonly<Record<string, string>> {
  return typeof strategy === "object" && "preferBrokers" in strategy ? strategy.preferBrokers.racks : {};
}

/** The zone's name, which brokers on Kubernetes or EC2 have, and its id, which MSK's have, where the app makes the subnet. */
function rackNames(zone: string, subnets: readonly ISubnet[]): readonly string[] {
  const made = subnets.map(({ node }) => node.defaultChild).find((child) => CfnSubnet.isCfnSubnet(child));
  return CfnSubnet.isCfnSubnet(made) ? [zone, Token.asString(made.attrAvailabilityZoneId)] : [zone];
}
