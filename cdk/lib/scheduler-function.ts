import { Duration } from "aws-cdk-lib";
import { type Code, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { omitUndefined } from "../../shared/core/omit-undefined.ts";
import { encodeEnvironment } from "../../shared/wire/environment/environment-variables.ts";
import { schedulerEnvironment } from "../../shared/wire/environment/function-environment.ts";
import { TICK_EVENT } from "../../shared/wire/events/scheduler-event.ts";
import { bundledCode, shippedCode } from "./bundle/function-code.ts";
import { tellBundle } from "./bundle/tell-bundle.ts";
import { codePartsOf } from "./kafka/params/code-parts.ts";
import { partitionsByVariant, planVariants } from "./location/plan-variants.ts";
import type { ProcessorFleet } from "./location/processor-fleet.ts";
import { schedulerLogLevel } from "./logs/log-volume.ts";
import { refuseProps } from "./props/refuse-props.ts";
import { placementOf, type ResolvedProps, type SharedConfig } from "./resolve-props.ts";
import { ONE_VCPU_MIB, ownSource, runtimeFunctionProps } from "./runtime-function.ts";
import { runOnSchedule } from "./schedule/run-on-schedule.ts";
import { startingConfig } from "./starting-config.ts";

const MAX_ENVIRONMENT_BYTES = 3_800;

/** What a function's name may have more than the token in its place: 64 characters against about 20. */
const NAME_BYTES = 44;

export interface SchedulerFunctionProps {
  readonly pipeline: ResolvedProps;
  readonly config: SharedConfig;
  /** What it dispatches to. */
  readonly processors: ProcessorFleet;
}

/** The function that plans and dispatches, and the schedule that runs it. */
export class SchedulerFunction extends Construct {
  readonly handler: LambdaFunction;

  constructor(scope: Construct, id: string, { pipeline: props, config, processors }: SchedulerFunctionProps) {
    super(scope, id);
    const functionProps = runtimeFunctionProps(this, {
      ...placementOf(props),
      code: this.#code(props),
      description: `Plans and dispatches offset ranges of ${config.pipeline}`,
      environment: {
        ...props.schedulerEnvironment,
        ...this.#requireRoom(
          encodeEnvironment(
            schedulerEnvironment,
            schedulerConfig(props, config, {
              processorFunction: processors.main.functionName,
              variantFunctions: new Map(processors.variants.map(({ name, handler }) => [name, handler.functionName])),
            }),
          ),
          processors.variants.length * NAME_BYTES,
        ),
        ...schedulerLogLevel(props.logLevel),
        POWERTOOLS_SERVICE_NAME: config.pipeline,
      },
      timeout: Duration.minutes(1),
      memorySize: ONE_VCPU_MIB,
      reservedConcurrentExecutions: props.schedulerReservedConcurrency,
    });
    this.handler = new LambdaFunction(this, "Function", {
      ...functionProps,
      // The next run does what this one did not; those of a throttled hour would all come at once.
      retryAttempts: 0,
      maxEventAge: Duration.minutes(1),
    });
    if (props.strategyEntry !== undefined) {
      tellBundle(this.handler, props.strategyEntry);
    }
    for (const { handler } of [{ handler: processors.main }, ...processors.variants]) {
      handler.grantInvokeLatestVersion(this.handler);
    }
    runOnSchedule(this, this.handler, {
      interval: props.batchInterval,
      description: `Runs the scheduler of ${config.pipeline}`,
      enabled: props.scheduleEnabled,
      input: ScheduleTargetInput.fromObject(TICK_EVENT),
      maxEventAge: Duration.minutes(1),
    });
  }

  /** With a strategy it is bundled with it; else the package has it built, and a checkout has only its source. */
  #code(props: ResolvedProps): Code {
    const { strategyEntry: entry, architecture } = props;
    const parts = codePartsOf(props.settledParams);
    if (entry !== undefined) {
      return bundledCode(this, { entry, architecture, ...parts });
    }
    // What is shipped has no code for Kafka's own settings.
    const shipped = props.settledParams?.variable === undefined ? shippedCode("scheduler") : undefined;
    return shipped ?? bundledCode(this, { entry: ownSource("functions/scheduler/handler"), architecture, ...parts });
  }

  /** Lambda takes 4 KB of variables; some of it is for those that are not ours. */
  #requireRoom(variables: Record<string, string>, namedLater: number): Record<string, string> {
    const written = Object.entries(variables).reduce((sum, [name, value]) => sum + Buffer.byteLength(name + value), 0);
    const bytes = written + namedLater;
    const remedy =
      'name fewer topics, let a strategy give the starting offsets, or name "topic:*" in preferFixed instead of each partition';
    const tooMany = `the scheduler's configuration has ${bytes} bytes, more than the ${MAX_ENVIRONMENT_BYTES} that fit its environment; ${remedy}`;
    refuseProps(this, bytes > MAX_ENVIRONMENT_BYTES ? [tooMany] : []);
    return variables;
  }
}

/** The names that CloudFormation gives. */
export interface SchedulerNames {
  readonly processorFunction: string;
  /** By variant. */
  readonly variantFunctions: ReadonlyMap<string, string>;
}

export function schedulerConfig(
  props: ResolvedProps,
  config: SharedConfig,
  { processorFunction, variantFunctions }: SchedulerNames,
) {
  const { topics, topicPattern, assign, pidProportional, pidIntegral, pidDerived, pidMinRate } = props;
  return {
    ...config,
    ...omitUndefined({ topics, topicPattern }),
    ...(assign === undefined ? {} : { assign: assign.map(({ topic, partition }) => ({ topic, partition })) }),
    ...(props.strategyEntry === undefined ? {} : { strategy: true }),
    ...startingConfig(props),
    ...batchLimits(props),
    backpressure: props.backpressure,
    ...omitUndefined({ pidProportional, pidIntegral, pidDerived, pidMinRate }),
    ordered: props.ordered,
    ...count("maxRecordsPerRange", props.maxRecordsPerRange),
    ...omitUndefined({ minPartitions: props.minPartitions }),
    onTopicRecreated: props.onTopicRecreated,
    dispatchTimeoutMs: props.dispatchTimeout.toMilliseconds(),
    dispatchesPerSecond: props.dispatchesPerSecond,
    ...omitUndefined({ commitGroupId: props.commitGroupId }),
    processorFunction,
    ...omitUndefined({ variants: variantsConfig(props, variantFunctions), preferFixed: partitionsByVariant(props) }),
  };
}

function variantsConfig(props: ResolvedProps, functions: ReadonlyMap<string, string>) {
  const variants = planVariants(props).map(({ name, timeout, maxConcurrency, racks }) => [
    name,
    {
      function: functions.get(name) ?? "named-later",
      timeoutMs: timeout.toMilliseconds(),
      ...omitUndefined({ maxConcurrency, racks }),
    },
  ]);
  return variants.length === 0 ? undefined : Object.fromEntries(variants);
}

function batchLimits(props: ResolvedProps) {
  const { adaptiveSize, maxBatchDelay } = props;
  return {
    adaptiveSize,
    initialRecordsPerPartition: BigInt(props.initialRecordsPerPartition),
    batchIntervalMs: props.batchInterval.toMilliseconds(),
    processorTimeoutMs: props.processorTimeout.toMilliseconds(),
    maxRecordsPerPartition: BigInt(props.maxRecordsPerPartition),
    ...count("minRecordsPerPartition", props.minRecordsPerPartition),
    ...count("maxRecordsPerBatch", props.maxRecordsPerBatch),
    ...omitUndefined({ maxConcurrency: props.maxConcurrency }),
    ...count("minRecordsPerBatch", props.minRecordsPerBatch),
    ...(maxBatchDelay === undefined ? {} : { maxBatchDelayMs: maxBatchDelay.toMilliseconds() }),
  };
}

function count<Name extends string>(name: Name, value: number | undefined): { readonly [Key in Name]?: bigint } {
  // The index type of a computed key is lost to the checker.
  return value === undefined ? {} : ({ [name]: BigInt(value) } as { readonly [Key in Name]: bigint });
}
