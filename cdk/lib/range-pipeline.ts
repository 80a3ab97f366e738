import { CfnOutput, Stack } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { Connections, type IConnectable } from "aws-cdk-lib/aws-ec2";
import type { IGrantable, IPrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { acknowledgeFunction, acknowledgeLookup, acknowledgeQueue } from "./acknowledged-findings.ts";
import { contextArchitecture } from "./architecture.ts";
import { type ClusterAccess, grantCluster } from "./kafka/grant-cluster.ts";
import { grantGroup } from "./kafka/kafka-sasl.ts";
import { lookUpBrokers, settleKafka } from "./kafka/msk-brokers.ts";
import { openBrokers } from "./kafka/msk-security-groups.ts";
import { withSaid } from "./kafka/params/settle-params.ts";
import { tellParams } from "./kafka/params/tell-params.ts";
import { type Ledger, LedgerTable } from "./ledger-table.ts";
import { deadLetterQueue, grantLetters, letterConfig, letterTargetName, QUEUE } from "./letters/dead-letter-target.ts";
import { propsHere } from "./local-props.ts";
import { PipelineAlarms } from "./pipeline-alarms.ts";
import { pipelineProblems } from "./pipeline-problems.ts";
import { ProcessorFunction } from "./processor-function.ts";
import { localBootstrapServers } from "./props/local-deployment.ts";
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
  /** Runs the pipeline's code. */
  readonly processorFunction: IFunction;
  /** The table that keeps its ranges. */
  readonly ledger: Ledger;
  readonly #deadLetters: Queue | undefined;
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
    const processor = new ProcessorFunction(this, "Processor", { pipeline: resolved, config, onFailure, letters })
      .handler;
    const scheduler = new SchedulerFunction(this, "Scheduler", { pipeline: resolved, config, processor }).handler;
    for (const grantee of [processor, scheduler]) {
      ledger.grantLedger(grantee, this.pipelineName);
      grantCluster(this, resolved, grantee);
      acknowledgeFunction(grantee, resolved.sasl);
    }
    if (resolved.commitGroupId !== undefined) {
      grantGroup(resolved.sasl, scheduler, resolved.commitGroupId);
    }
    grantLetters(processor, { target: props.deadLetterTarget, queue: deadLetters, sasl: resolved.sasl });
    tellParams(this, resolved.settledParams);
    for (const queue of [onFailure, ...(deadLetters === undefined ? [] : [deadLetters])]) {
      acknowledgeQueue(queue);
    }
    this.#cluster = resolved;
    this.schedulerFunction = scheduler;
    this.processorFunction = processor;
    this.ledger = ledger;
    this.grantPrincipal = processor.grantPrincipal;
    openBrokers(this, props, this);
    acknowledgeLookup(this);
    this.ledgerTableName = ledger.tableName;
    this.schedulerFunctionName = scheduler.functionName;
    this.processorFunctionName = processor.functionName;
    this.onFailureQueueUrl = onFailure.queueUrl;
    this.#deadLetters = deadLetters;
    this.deadLetterTarget = letterTargetName(letters);
    this.#putOut({
      PipelineName: this.pipelineName,
      LedgerTableName: this.ledgerTableName,
      SchedulerFunctionName: this.schedulerFunctionName,
      ProcessorFunctionName: this.processorFunctionName,
      OnFailureQueueUrl: this.onFailureQueueUrl,
      DeadLetterTarget: this.deadLetterTarget,
      ...(deadLetters === undefined ? {} : { DeadLetterQueueUrl: deadLetters.queueUrl }),
    });
    this.#watch(resolved, { scheduler, processor, onFailure });
  }

  /** The queue of the records that are given up. Throws where they go to a bucket or a topic. */
  get deadLetterQueueUrl(): string {
    const queue = this.#deadLetters;
    refuseProps(
      this,
      queue === undefined
        ? [
            `${this.node.path} has no dead-letter queue: its letters go to ${this.deadLetterTarget}, its deadLetterTarget`,
          ]
        : [],
    );
    return queue?.queueUrl ?? "";
  }

  /**
   * Both functions' security groups, for the brokers' to let them in: `cluster.connections.allowFrom(pipeline, Port.tcp(9098))`.
   * Throws outside of a VPC.
   */
  get connections(): Connections {
    const { schedulerFunction, processorFunction } = this;
    if (localBootstrapServers(this) !== undefined) {
      // The brokers of a local deployment let everybody in.
      return new Connections();
    }
    if (!schedulerFunction.isBoundToVpc) {
      refuseProps(this, [`${this.node.path} is in no VPC and has no security groups; give it a vpc`]);
    }
    return new Connections({
      securityGroups: [schedulerFunction, processorFunction].flatMap(({ connections }) => connections.securityGroups),
    });
  }

  /** Lets the grantee invoke both functions: run a batch now, request a reprocessing, or process one range at once. */
  grantReprocess(grantee: IGrantable): void {
    this.schedulerFunction.grantInvoke(grantee);
    this.processorFunction.grantInvoke(grantee);
  }

  /** Lets the grantee look: `ranges status` and `ranges verify` with `--pipeline`. */
  grantReadLedger(grantee: IGrantable): void {
    this.ledger.grantReadLedger(grantee, this.pipelineName);
  }

  /** Lets the grantee into Kafka as the functions are: `ranges plan` and `read`, and `status` and `verify` with brokers. */
  grantReadKafka(grantee: IGrantable): void {
    grantCluster(this, this.#cluster, grantee);
  }

  /** Lets the grantee look and act: also `ranges retry`, `skip`, `pause`, `resume`, `cancel` and `reprocess`. */
  grantOperate(grantee: IGrantable): void {
    this.ledger.grantLedger(grantee, this.pipelineName);
    this.schedulerFunction.grantInvokeLatestVersion(grantee);
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

  /** What `ranges` and an operator ask for: `OrdersLedgerTableName` of the pipeline that the stack has as Orders. */
  #putOut(values: Readonly<Record<string, string>>): void {
    // By its place in the stack, as CDK's own names, but for the hash: two pipelines of one id do not meet.
    const path = this.node.scopes.slice(Stack.of(this).node.scopes.length).map(({ node }) => node.id);
    const prefix = path.join("").replace(/[^A-Za-z0-9]/g, "");
    for (const [name, value] of Object.entries(values)) {
      new CfnOutput(this, name, { value }).overrideLogicalId(`${prefix}${name}`);
    }
  }

  #watch(resolved: ResolvedProps, { scheduler, processor, onFailure }: Watched): void {
    const letters = this.#deadLetters;
    new PipelineAlarms(this, "Alarms", {
      batchInterval: resolved.batchInterval,
      dispatchTimeout: resolved.dispatchTimeout,
      maxOpenRangeAge: resolved.maxOpenRangeAge,
      isScheduled: resolved.scheduleEnabled,
      schedulerRuns: this.metricSchedulerRuns(),
      schedulerErrors: scheduler.metricErrors(),
      schedulerThrottles: scheduler.metricThrottles(),
      processorThrottles: processor.metricThrottles(),
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

interface Watched {
  readonly scheduler: IFunction;
  readonly processor: IFunction;
  readonly onFailure: Queue;
}
