import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { Connections, IConnectable } from "aws-cdk-lib/aws-ec2";
import type { IGrantable, IPrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledgeFunction, acknowledgeLookup, acknowledgeQueues } from "./acknowledged-findings.ts";
import { contextArchitecture } from "./architecture.ts";
import { functionConnections } from "./kafka/function-connections.ts";
import { type ClusterAccess, grantCluster } from "./kafka/grant-cluster.ts";
import { grantGroups } from "./kafka/kafka-sasl.ts";
import { lookUpBrokers, settleKafka } from "./kafka/msk-brokers.ts";
import { openBrokers } from "./kafka/msk-security-groups.ts";
import { withSaid } from "./kafka/params/settle-params.ts";
import { tellParams } from "./kafka/params/tell-params.ts";
import { type Ledger, LedgerTable } from "./ledger-table.ts";
import { deadLetterQueue, letterConfig, letterTargetName, QUEUE } from "./letters/dead-letter-target.ts";
import { grantDeleteLetters, grantReadLetters, grantSendLetters, type LetterPlace } from "./letters/grant-letters.ts";
import { propsHere } from "./local-props.ts";
import { addProcessors, type ProcessorFleet, variantOutputs } from "./location/processor-fleet.ts";
import { addManifests } from "./manifest-function.ts";
import { PipelineAlarms } from "./pipeline-alarms.ts";
import { pipelineProblems } from "./pipeline-problems.ts";
import { ProcessorFunction } from "./processor-function.ts";
import { putOut } from "./props/put-out.ts";
import { refuseProps } from "./props/refuse-props.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { type ResolvedProps, resolveProps, sharedConfig } from "./resolve-props.ts";
import { METRICS_NAMESPACE } from "./runtime-function.ts";
import { SchedulerFunction } from "./scheduler-function.ts";

/**
 * One pipeline: scheduler, processor, schedule, queues and alarms.
 * As a grantee it is the processor's code: `table.grantWriteData(pipeline)`.
 */
export class RangePipeline extends Construct implements IGrantable, IConnectable {
  /** The processor's role. */
  readonly grantPrincipal: IPrincipal;
  /** The pipeline's place in the ledger. */
  readonly pipelineName: string;
  readonly ledgerTableName: string;
  readonly schedulerFunctionName: string;
  readonly processorFunctionName: string;
  /** Takes the events of invocations that died. */
  readonly onFailureQueueUrl: string;
  /** Where the records go that are given up: a queue's URL, `s3://BUCKET/PREFIX` or `topic:NAME`. */
  readonly deadLetterTarget: string;
  /** Plans and dispatches, and runs the strategy: `table.grantReadData(pipeline.schedulerFunction)`. */
  readonly schedulerFunction: IFunction;
  /** Runs the pipeline's code, of every range that has no other place. */
  readonly processorFunction: IFunction;
  /** Those that `locationStrategy` adds, by the variant's name or the zone's. They have the role of `processorFunction`. */
  readonly variantFunctions: Readonly<Record<string, IFunction>>;
  /** Writes the manifests of finished batches; absent without `manifests`. */
  readonly manifestFunction: IFunction | undefined;
  /** The table that keeps its ranges. */
  readonly ledger: Ledger;
  readonly #letters: LetterPlace;
  readonly #cluster: ClusterAccess;

  constructor(scope: Construct, id: string, given: RangePipelineProps) {
    super(scope, id);
    this.pipelineName = given.pipelineName ?? id;
    refuseProps(this, pipelineProblems(given, this.pipelineName));
    const props = withSaid(propsHere(this, given));
    const ledger = props.ledger ?? new LedgerTable(this, "Ledger");
    const onFailure = new Queue(this, "OnFailure", QUEUE);
    const deadLetters = props.deadLetterTarget === undefined ? deadLetterQueue(this) : undefined;
    const letters = letterConfig(props.deadLetterTarget, () => deadLetters?.queueUrl ?? "");
    const architecture = props.architecture ?? contextArchitecture(this);
    const kafka = settleKafka(props, (cluster, response) => lookUpBrokers(this, cluster, response));
    const resolved = resolveProps({ ...props, architecture }, kafka);
    const config = sharedConfig(resolved, this.pipelineName, ledger.tableName);
    const own = { pipeline: resolved, config, onFailure, letters };
    const processors = addProcessors(
      resolved,
      (name, of) => new ProcessorFunction(this, name, { ...own, ...of }).handler,
    );
    const { main: processor, variants } = processors;
    const scheduler = new SchedulerFunction(this, "Scheduler", { pipeline: resolved, config, processors }).handler;
    for (const grantee of [processor, scheduler]) {
      ledger.grantLedger(grantee, this.pipelineName);
      grantCluster(this, resolved, grantee);
      acknowledgeFunction(grantee, resolved.sasl);
    }
    grantGroups(resolved, scheduler);
    const place = { target: props.deadLetterTarget, queue: deadLetters, pipelineName: this.pipelineName };
    this.#letters = { ...place, sasl: resolved.sasl };
    grantSendLetters(processor, this.#letters);
    tellParams(this, resolved.settledParams);
    acknowledgeQueues(onFailure, deadLetters);
    this.manifestFunction = addManifests(this, { pipeline: resolved, pipelineName: this.pipelineName, ledger });
    this.#cluster = resolved;
    this.schedulerFunction = scheduler;
    this.processorFunction = processor;
    this.variantFunctions = Object.fromEntries(variants.map(({ name, handler }) => [name, handler]));
    this.ledger = ledger;
    this.grantPrincipal = processor.grantPrincipal;
    openBrokers(this, props, this);
    acknowledgeLookup(this);
    this.ledgerTableName = ledger.tableName;
    this.schedulerFunctionName = scheduler.functionName;
    this.processorFunctionName = processor.functionName;
    this.onFailureQueueUrl = onFailure.queueUrl;
    this.deadLetterTarget = letterTargetName(letters);
    this.#putOut(variantOutputs(variants));
    this.#watch(resolved, processors, onFailure);
  }

  /** The queue of the records that are given up. Throws where they go to a bucket or a topic. */
  get deadLetterQueueUrl(): string {
    const { queue } = this.#letters;
    const other = `its letters go to ${this.deadLetterTarget}, its deadLetterTarget`;
    refuseProps(this, queue === undefined ? [`${this.node.path} has no dead-letter queue: ${other}`] : []);
    return queue?.queueUrl ?? "";
  }

  /**
   * All functions' security groups, for the brokers' to let them in: `cluster.connections.allowFrom(pipeline, Port.tcp(9098))`.
   * Throws outside of a VPC.
   */
  get connections(): Connections {
    return functionConnections(this, this.#functions);
  }

  /** Lets the grantee invoke all functions: run a batch now, request a reprocessing, or process one range at once. */
  grantReprocess(grantee: IGrantable): void {
    for (const one of this.#functions) {
      one.grantInvoke(grantee);
    }
  }

  /** Lets the grantee look: `ranges status` and `ranges verify` with `--pipeline`. */
  grantReadLedger(grantee: IGrantable): void {
    this.ledger.grantReadLedger(grantee, this.pipelineName);
  }

  /** Lets the grantee into Kafka as the functions are: `ranges plan` and `read`, and `status` and `verify` with brokers. */
  grantReadKafka(grantee: IGrantable): void {
    grantCluster(this, this.#cluster, grantee);
  }

  /** Lets the grantee look at letters: `ranges dead-letters list` and `show` with `--pipeline`; a topic's with `grantReadKafka`. */
  grantReadLetters(grantee: IGrantable): void {
    grantReadLetters(grantee, this.#letters);
  }

  /** Lets the grantee look and act: also `ranges retry`, `skip`, `pause`, `resume`, `cancel`, `reprocess` and `dead-letters`. */
  grantOperate(grantee: IGrantable): void {
    this.ledger.grantLedger(grantee, this.pipelineName);
    this.schedulerFunction.grantInvokeLatestVersion(grantee);
    grantReadLetters(grantee, this.#letters);
    grantDeleteLetters(grantee, this.#letters);
  }

  /** Runs of the scheduler that did a batch: the pipeline's heartbeat. */
  metricSchedulerRuns(): Metric {
    return this.#metric("SchedulerRuns", "Sum");
  }

  /** Ranges for which no processor could be invoked; they are dispatched again after `dispatchTimeout`. */
  metricDispatchesFailed(): Metric {
    return this.#metric("DispatchesFailed", "Sum");
  }

  /** Partitions that wait for an operator: halted, held or failing. */
  metricPartitionsStuck(): Metric {
    return this.#metric("PartitionsStuck", "Maximum");
  }

  /** The largest lag of a partition, in records. */
  metricMaxOffsetLag(): Metric {
    return this.#metric("MaxOffsetLag", "Maximum");
  }

  /** Age of the oldest range that is not completed, in milliseconds. */
  metricOldestOpenRangeAge(): Metric {
    return this.#metric("OldestOpenRangeAge", "Maximum");
  }

  /** How long the oldest open transaction that holds records back has written nothing, in milliseconds. */
  metricOldestOpenTransactionAge(): Metric {
    return this.#metric("OldestOpenTransactionAge", "Maximum");
  }

  /** Offsets that were given up as LOST, as `onDataLoss: "skip"` says. */
  metricOffsetsLost(): Metric {
    return this.#metric("OffsetsLost", "Sum");
  }

  /** Records that were given up after failed attempts, as `onFailure: "quarantine"` says. */
  metricRecordsQuarantined(): Metric {
    return this.#metric("RecordsQuarantined", "Sum");
  }

  /** Dead letters that were written, quarantined and rejected records alike; a letter that is sent again counts again. */
  metricDeadLettersKept(): Metric {
    return this.#metric("DeadLettersKept", "Sum");
  }

  /** Those that are in touch with Kafka. */
  get #functions(): readonly IFunction[] {
    return [this.schedulerFunction, this.processorFunction, ...Object.values(this.variantFunctions)];
  }

  /** What `ranges` and an operator ask for. */
  #putOut(variants: Readonly<Record<string, string>>): void {
    putOut(this, {
      PipelineName: this.pipelineName,
      LedgerTableName: this.ledgerTableName,
      SchedulerFunctionName: this.schedulerFunctionName,
      ProcessorFunctionName: this.processorFunctionName,
      ...variants,
      ManifestFunctionName: this.manifestFunction?.functionName,
      OnFailureQueueUrl: this.onFailureQueueUrl,
      DeadLetterTarget: this.deadLetterTarget,
      DeadLetterQueueUrl: this.#letters.queue?.queueUrl,
    });
  }

  #watch(resolved: ResolvedProps, processors: ProcessorFleet, onFailure: Queue): void {
    const { queue: letters } = this.#letters;
    new PipelineAlarms(this, "Alarms", {
      batchInterval: resolved.batchInterval,
      dispatchTimeout: resolved.dispatchTimeout,
      maxOpenRangeAge: resolved.maxOpenRangeAge,
      isScheduled: resolved.scheduleEnabled,
      schedulerRuns: this.metricSchedulerRuns(),
      schedulerErrors: this.schedulerFunction.metricErrors(),
      schedulerThrottles: this.schedulerFunction.metricThrottles(),
      processorThrottles: processors.main.metricThrottles(),
      variantThrottles: processors.variants.map(({ name, handler }) => [name, handler.metricThrottles()]),
      manifestErrors: this.manifestFunction?.metricErrors(),
      dispatchesFailed: this.metricDispatchesFailed(),
      partitionsStuck: this.metricPartitionsStuck(),
      oldestOpenRangeAge: this.metricOldestOpenRangeAge(),
      offsetsLost: this.metricOffsetsLost(),
      onFailureMessages: onFailure.metricApproximateNumberOfMessagesVisible(),
      deadLetters: letters?.metricApproximateNumberOfMessagesVisible() ?? this.metricDeadLettersKept(),
      oldestDeadLetterAge: letters?.metricApproximateAgeOfOldestMessage(),
      oldestOpenTransactionAge: this.metricOldestOpenTransactionAge(),
      alarmTopic: resolved.alarmTopic,
    });
  }

  #metric(metricName: string, statistic: string): Metric {
    const dimensionsMap = { service: this.pipelineName, pipeline: this.pipelineName };
    return new Metric({ namespace: METRICS_NAMESPACE, metricName, statistic, dimensionsMap });
  }
}
