import { Duration } from "aws-cdk-lib";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { LambdaInvoke } from "aws-cdk-lib/aws-scheduler-targets";
import { Construct } from "constructs";
import { encodeEnvironment, schedulerEnvironment } from "../../shared/wire/function-environment.ts";
import { TICK_EVENT } from "../../shared/wire/scheduler-event.ts";
import {
  batchIntervalOf,
  dispatchTimeoutOf,
  placementOf,
  processorTimeoutOf,
  type SharedConfig,
} from "./function-defaults.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { projectPath, runtimeFunctionProps } from "./runtime-function.ts";

/** The function that plans and dispatches, and the schedule that runs it. */
export class SchedulerFunction extends Construct {
  readonly handler: NodejsFunction;

  constructor(
    scope: Construct,
    id: string,
    props: RangePipelineProps,
    config: SharedConfig,
    processor: NodejsFunction,
  ) {
    super(scope, id);
    const interval = batchIntervalOf(props);
    if (interval.toMilliseconds() % 60_000 !== 0 || interval.toMilliseconds() === 0) {
      throw new Error(
        `batchInterval is ${interval.toHumanString()}; choose whole minutes, which EventBridge schedules`,
      );
    }
    this.handler = new NodejsFunction(this, "Function", {
      ...runtimeFunctionProps(this, {
        ...placementOf(props),
        entry: projectPath("functions/scheduler/handler.ts"),
        description: `Plans and dispatches offset ranges of ${config.pipeline}`,
        environment: {
          ...encodeEnvironment(schedulerEnvironment, schedulerConfig(props, config, processor)),
          POWERTOOLS_SERVICE_NAME: config.pipeline,
        },
        timeout: Duration.minutes(1),
        memorySize: 1_769,
      }),
      // The next run does what this one did not; those of a throttled hour would all come at once.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
    });
    processor.grantInvoke(this.handler);
    new Schedule(this, "Schedule", {
      schedule: ScheduleExpression.rate(interval),
      description: `Runs the scheduler of ${config.pipeline}`,
      target: new LambdaInvoke(this.handler, {
        input: ScheduleTargetInput.fromObject(TICK_EVENT),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      }),
    });
  }
}

function schedulerConfig(props: RangePipelineProps, config: SharedConfig, processor: NodejsFunction) {
  const { topics, topicPattern, assign } = props;
  return {
    ...config,
    ...(topics === undefined ? {} : { topics }),
    ...(topicPattern === undefined ? {} : { topicPattern }),
    ...(assign === undefined ? {} : { assign: assign.map(({ topic, partition }) => ({ topic, partition })) }),
    startingOffsets: props.startingOffsets ?? "earliest",
    ...batchLimits(props),
    dispatchTimeoutMs: dispatchTimeoutOf(props).toMilliseconds(),
    dispatchesPerSecond: props.dispatchesPerSecond ?? 1_000,
    processorFunction: processor.functionName,
  };
}

function batchLimits(props: RangePipelineProps) {
  const { adaptiveSize: isAdaptive = true, minRecordsPerBatch, maxBatchDelay } = props;
  const delay = maxBatchDelay ?? (minRecordsPerBatch === undefined ? undefined : Duration.minutes(15));
  return {
    adaptiveSize: isAdaptive,
    initialRecordsPerPartition: whole("initialRecordsPerPartition", props.initialRecordsPerPartition ?? 10_000),
    batchIntervalMs: batchIntervalOf(props).toMilliseconds(),
    processorTimeoutMs: processorTimeoutOf(props).toMilliseconds(),
    maxRecordsPerPartition: whole(
      "maxRecordsPerPartition",
      props.maxRecordsPerPartition ?? (isAdaptive ? 10_000_000 : 100_000),
    ),
    ...count("minRecordsPerPartition", props.minRecordsPerPartition),
    ...count("maxRecordsPerBatch", props.maxRecordsPerBatch),
    ...count("minRecordsPerBatch", minRecordsPerBatch),
    ...(delay === undefined ? {} : { maxBatchDelayMs: delay.toMilliseconds() }),
  };
}

function count<Name extends string>(name: Name, value: number | undefined): { readonly [Key in Name]?: bigint } {
  // The index type of a computed key is lost to the checker.
  return value === undefined ? {} : ({ [name]: whole(name, value) } as { readonly [Key in Name]: bigint });
}

function whole(name: string, value: number): bigint {
  if (!Number.isSafeInteger(value)) {
    throw new Error(`${name} is ${value}; choose a whole number`);
  }
  return BigInt(value);
}
