import { Duration } from "aws-cdk-lib";
import { Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { encodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment, RACK_OF_AVAILABILITY_ZONE } from "../../shared/wire/environment/function-environment.ts";
import { bundledCode } from "./bundle/function-code.ts";
import { tellBundle } from "./bundle/tell-bundle.ts";
import { codePartsOf } from "./kafka/params/code-parts.ts";
import { type LetterConfig, letterKindOf } from "./letters/dead-letter-target.ts";
import { prefersBrokers } from "./location/plan-variants.ts";
import type { OwnOfProcessor } from "./location/processor-fleet.ts";
import { processorLogLevel } from "./logs/log-volume.ts";
import { placementOf, type ResolvedProps, type SharedConfig } from "./resolve-props.ts";
import { runtimeFunctionProps } from "./runtime-function.ts";

/** The least that Lambda takes for an asynchronous event's age. */
const MIN_EVENT_AGE = Duration.minutes(1);

export interface ProcessorFunctionProps extends OwnOfProcessor {
  readonly pipeline: ResolvedProps;
  readonly config: SharedConfig;
  /** Takes the events of invocations that died. */
  readonly onFailure: IQueue;
  /** Where the records go that are given up. */
  readonly letters: LetterConfig;
}

/** The function that runs the pipeline's code, once per dispatched range. */
export class ProcessorFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(
    scope: Construct,
    id: string,
    { pipeline: props, config, onFailure, letters, variant, role }: ProcessorFunctionProps,
  ) {
    super(scope, id);
    const vpcSubnets = variant?.vpcSubnets ?? props.vpcSubnets;
    const rackId = variant?.rackId ?? defaultRackId(props);
    const maxEventAge = props.dispatchTimeout;
    const functionProps = runtimeFunctionProps(this, {
      ...placementOf(props),
      vpcSubnets,
      code: bundledCode(this, {
        entry: props.processorEntry,
        architecture: props.architecture,
        ...codePartsOf(props.settledParams, letterKindOf(letters)),
      }),
      description: `Processes offset ranges of ${config.pipeline}${variant === undefined ? "" : ` (${variant.name})`}`,
      environment: {
        ...props.processorEnvironment,
        ...encodeEnvironment(
          processorEnvironment,
          processorConfig({ ...props, ...omitUndefined({ rackId }) }, config, letters),
        ),
        ...processorLogLevel(props.logLevel),
        POWERTOOLS_SERVICE_NAME: config.pipeline,
      },
      timeout: variant?.timeout ?? props.processorTimeout,
      memorySize: variant?.memorySize ?? props.processorMemorySize,
      // All leaders may come to be in one zone.
      reservedConcurrentExecutions: variant?.maxConcurrency ?? props.maxConcurrency,
    });
    this.handler = new LambdaFunction(this, "Function", {
      ...functionProps,
      ...omitUndefined({ role }),
      // The ledger is the retry, also for an event that Lambda drops: its own would only race it.
      retryAttempts: 0,
      maxEventAge: maxEventAge.toMilliseconds() < MIN_EVENT_AGE.toMilliseconds() ? MIN_EVENT_AGE : maxEventAge,
      onFailure: new SqsDestination(onFailure),
    });
    tellBundle(this.handler, props.processorEntry);
  }
}

/** A range that has no other place is read from the nearest replica, where those that have one are. */
function defaultRackId({ rackId, locationStrategy = "preferConsistent" }: ResolvedProps): string | undefined {
  return rackId ?? (prefersBrokers(locationStrategy) ? RACK_OF_AVAILABILITY_ZONE : undefined);
}

export function processorConfig(props: ResolvedProps, config: SharedConfig, letters: LetterConfig) {
  return {
    ...config,
    requireConsecutiveOffsets: props.requireConsecutiveOffsets,
    maxOutageAttempts: props.maxOutageAttempts,
    onFailure: props.onFailure,
    maxQuarantinedPerRange: props.maxQuarantinedPerRange,
    ...letters,
    ...omitUndefined({ rackId: props.rackId }),
  };
}
