import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Duration } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { type Architecture, type Code, type FunctionProps, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { BUNDLE_HANDLER } from "./bundle/bundle-entry.ts";
import { type LogLevel, loggingProps } from "./logs/log-volume.ts";

/** CloudWatch namespace of what both functions measure. */
export const METRICS_NAMESPACE = "KafkaOffsetRanges";

/** The memory that has one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const ONE_VCPU_MIB = 1_769;

export interface RuntimeFunctionProps {
  readonly code: Code;
  readonly architecture: Architecture;
  readonly description: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: Duration;
  /** In MiB. */
  readonly memorySize: number;
  /** @default - the account's, unreserved */
  readonly reservedConcurrentExecutions?: number | undefined;
  readonly logRetention: RetentionDays;
  readonly logLevel?: LogLevel | undefined;
  readonly vpc?: IVpc | undefined;
  readonly vpcSubnets?: SubnetSelection | undefined;
  readonly securityGroups?: ISecurityGroup[] | undefined;
}

/** What both functions have in common: runtime, logs, tracing, network. */
export function runtimeFunctionProps(scope: Construct, props: RuntimeFunctionProps): FunctionProps {
  const { code, architecture, description, environment, timeout, memorySize, vpc, vpcSubnets, securityGroups } = props;
  const { reservedConcurrentExecutions } = props;
  return {
    code,
    handler: BUNDLE_HANDLER,
    architecture,
    description,
    timeout,
    memorySize,
    runtime: Runtime.NODEJS_24_X,
    tracing: Tracing.ACTIVE,
    logGroup: new LogGroup(scope, "Logs", { retention: props.logRetention }),
    ...loggingProps(props.logLevel),
    environment: {
      ...environment,
      POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    },
    ...omitUndefined({ reservedConcurrentExecutions, vpc, vpcSubnets, securityGroups }),
  };
}

/** A module of this project by its path without an ending: as it is written in a checkout, compiled in the package. */
export function ownSource(path: string): string {
  return projectPath(`${path}${extname(fileURLToPath(import.meta.url))}`);
}

/** A path of this project, from its root. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}
