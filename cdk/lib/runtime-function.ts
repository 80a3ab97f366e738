import { arch } from "node:process";
import { fileURLToPath } from "node:url";
import type { Duration } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import { Architecture, Runtime, Tracing } from "aws-cdk-lib/aws-lambda";
import { type NodejsFunctionProps, OutputFormat } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, type RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { type LogLevel, loggingProps } from "./logs/log-volume.ts";

/** CloudWatch namespace of what both functions measure. */
export const METRICS_NAMESPACE = "KafkaOffsetRanges";

/** The memory that has one vCPU: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
export const ONE_VCPU_MIB = 1_769;

export interface RuntimeFunctionProps {
  readonly entry: string;
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

/** What both functions have in common: runtime, bundle, logs, tracing, network. */
export function runtimeFunctionProps(scope: Construct, props: RuntimeFunctionProps): NodejsFunctionProps {
  const { entry, description, environment, timeout, memorySize, vpc, vpcSubnets, securityGroups } = props;
  const { reservedConcurrentExecutions } = props;
  return {
    entry,
    description,
    timeout,
    memorySize,
    runtime: Runtime.NODEJS_24_X,
    architecture: hostArchitecture(),
    tracing: Tracing.ACTIVE,
    logGroup: new LogGroup(scope, "Logs", { retention: props.logRetention }),
    ...loggingProps(props.logLevel),
    environment: {
      ...environment,
      POWERTOOLS_METRICS_NAMESPACE: METRICS_NAMESPACE,
    },
    projectRoot: projectPath("."),
    depsLockFilePath: projectPath("package-lock.json"),
    bundling: {
      format: OutputFormat.ESM,
      mainFields: ["module", "main"],
      target: "node24",
      minify: true,
      sourceMap: true,
      sourcesContent: false,
      bundleAwsSDK: true,
      // CommonJS dependencies in an ESM bundle still call require.
      banner:
        'import { createRequire as topLevelCreateRequire } from "node:module"; const require = topLevelCreateRequire(import.meta.url);',
      externalModules: ["@node-rs/crc32"],
      commandHooks: {
        beforeInstall: () => [],
        beforeBundling: () => [],
        // CRC-32C's native build loads beside the bundle; without it the reader falls back to its own.
        afterBundling: (inputDir, outputDir) => [
          `mkdir -p "${outputDir}/node_modules"`,
          `cp -RL "${inputDir}/node_modules/@node-rs" "${outputDir}/node_modules/"`,
        ],
      },
    },
    ...omitUndefined({ reservedConcurrentExecutions, vpc, vpcSubnets, securityGroups }),
  };
}

/** A path of this project, from its root. */
export function projectPath(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The architecture whose native CRC-32C build `npm ci` has installed here. */
function hostArchitecture(): Architecture {
  return arch === "arm64" ? Architecture.ARM_64 : Architecture.X86_64;
}
