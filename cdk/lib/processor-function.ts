import { Duration } from "aws-cdk-lib";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { listNames } from "../../shared/core/bounded-text.ts";
import { DEFAULT_MAX_OUTAGE_ATTEMPTS } from "../../shared/core/limits.ts";
import { ENVIRONMENT_PREFIX, encodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { dispatchTimeoutOf, placementOf, processorTimeoutOf, type SharedConfig } from "./function-defaults.ts";
import { processorLogLevel } from "./log-volume.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { runtimeFunctionProps } from "./runtime-function.ts";

const MIN_TIMEOUT = Duration.seconds(10);
const MAX_TIMEOUT = Duration.minutes(15);
/** The least that Lambda takes for an asynchronous event's age. */
const MIN_EVENT_AGE = Duration.minutes(1);

export interface ProcessorQueues {
  /** Takes the events of invocations that died. */
  readonly onFailure: IQueue;
  /** Takes the records that are given up. */
  readonly deadLetters: IQueue;
}

/** The function that runs the pipeline's code, once per dispatched range. */
export class ProcessorFunction extends Construct {
  readonly handler: NodejsFunction;

  constructor(scope: Construct, id: string, props: RangePipelineProps, config: SharedConfig, queues: ProcessorQueues) {
    super(scope, id);
    const timeout = processorTimeoutOf(props);
    requireTimeout(timeout);
    requireForeign(Object.keys(props.processorEnvironment ?? {}));
    const maxEventAge = dispatchTimeoutOf(props);
    this.handler = new NodejsFunction(this, "Function", {
      ...runtimeFunctionProps(this, {
        ...placementOf(props),
        entry: props.processorEntry,
        description: `Processes offset ranges of ${config.pipeline}`,
        environment: {
          ...props.processorEnvironment,
          ...encodeEnvironment(processorEnvironment, {
            ...config,
            requireConsecutiveOffsets: props.requireConsecutiveOffsets ?? false,
            maxOutageAttempts: props.maxOutageAttempts ?? DEFAULT_MAX_OUTAGE_ATTEMPTS,
            onFailure: props.onFailure ?? "halt",
            maxQuarantinedPerRange: props.maxQuarantinedPerRange ?? 10,
            deadLetterQueueUrl: queues.deadLetters.queueUrl,
            ...(props.rackId === undefined ? {} : { rackId: props.rackId }),
          }),
          ...processorLogLevel(props.logLevel),
          POWERTOOLS_SERVICE_NAME: config.pipeline,
        },
        timeout,
        memorySize: props.processorMemorySize ?? 1_769,
        reservedConcurrentExecutions: props.maxConcurrency,
      }),
      // The ledger is the retry, also for an event that Lambda drops: its own would only race it.
      retryAttempts: 0,
      maxEventAge: maxEventAge.toMilliseconds() < MIN_EVENT_AGE.toMilliseconds() ? MIN_EVENT_AGE : maxEventAge,
      onFailure: new SqsDestination(queues.onFailure),
    });
    queues.deadLetters.grant(this.handler, "sqs:SendMessage");
  }
}

/** The function refuses variables of this prefix that it does not know, and its own are told by props. */
function requireForeign(names: readonly string[]): void {
  const own = names.filter((name) => name.startsWith(ENVIRONMENT_PREFIX));
  if (own.length > 0) {
    throw new Error(
      `processorEnvironment has ${listNames(own)}; choose other names: ${ENVIRONMENT_PREFIX}* is what the props say`,
    );
  }
}

function requireTimeout(timeout: Duration): void {
  const ms = timeout.toMilliseconds();
  if (ms < MIN_TIMEOUT.toMilliseconds() || ms > MAX_TIMEOUT.toMilliseconds()) {
    throw new Error(
      `processorTimeout is ${timeout.toHumanString()}; choose ${MIN_TIMEOUT.toHumanString()} to ${MAX_TIMEOUT.toHumanString()}`,
    );
  }
}
