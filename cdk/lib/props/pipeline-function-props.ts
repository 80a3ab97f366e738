import type { Duration } from "aws-cdk-lib";
import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { Architecture } from "aws-cdk-lib/aws-lambda";
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { LogLevel } from "../logs/log-volume.ts";

/** Where and how a pipeline's functions run, and who is told of it. */
export interface PipelineFunctionProps {
  /** Environment variables for the processor's code. @default - none */
  readonly processorEnvironment?: Readonly<Record<string, string>>;
  /** Environment variables for the scheduler's strategy. @default - none */
  readonly schedulerEnvironment?: Readonly<Record<string, string>>;
  /**
   * Also the longest that a crashed attempt blocks its partition; 10 seconds to 15 minutes.
   * @default Duration.minutes(5)
   */
  readonly processorTimeout?: Duration;
  /** In MiB. @default 1769 - one vCPU */
  readonly processorMemorySize?: number;
  /**
   * Of both functions. The native CRC-32C of this architecture is deployed with the processor, whatever machine deploys;
   * where npm cannot fetch it, the app warns. Where the prop is not set, the context `kafka-offset-ranges:architecture`
   * may be `x86_64`.
   * @default Architecture.ARM_64
   */
  readonly architecture?: Architecture;
  /** The VPC of both functions. @default - outside of any VPC */
  readonly vpc?: IVpc;
  /** Its subnets that the functions are in. @default - the VPC's private subnets */
  readonly vpcSubnets?: SubnetSelection;
  /** Of both functions, in a VPC. @default - one of each function's own */
  readonly securityGroups?: ISecurityGroup[];
  /** How long CloudWatch keeps both functions' logs. @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /**
   * What the functions log. `DEBUG`: also the phases of each attempt and run. `INFO`: a line per range and per
   * scheduler run, beside Lambda's own of each invocation. `WARN`: a line per run; of ranges and invocations only what
   * failed. `ERROR`: only what failed, or waits for somebody. Metrics are written at each. Powertools loggers in the
   * pipeline's own code go by it too.
   * @default - what `POWERTOOLS_LOG_LEVEL` in `processorEnvironment` and `schedulerEnvironment` says, or INFO
   */
  readonly logLevel?: LogLevel;
  /**
   * How old an open range may get before an alarm tells; paused partitions do not count.
   * @default - three times dispatchTimeout and processorTimeout together, at least 15 minutes
   */
  readonly maxOpenRangeAge?: Duration;
  /** Where the alarms go. @default - they only show their state */
  readonly alarmTopic?: ITopic;
}
