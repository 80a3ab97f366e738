import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IGrantable, IPrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { sharedConfig } from "./function-defaults.ts";
import { grantKafka } from "./kafka-sasl.ts";
import { LedgerTable } from "./ledger-table.ts";
import { PipelineAlarms } from "./pipeline-alarms.ts";
import { ProcessorFunction } from "./processor-function.ts";
import type { RangePipelineProps } from "./range-pipeline-props.ts";
import { METRICS_NAMESPACE } from "./runtime-function.ts";
import { SchedulerFunction } from "./scheduler-function.ts";

const QUEUE = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: Duration.days(14),
} as const;

/**
 * One pipeline: scheduler, processor, schedule, queues and alarms.
 * As a grantee it is the processor's code: `table.grantWriteData(pipeline)`.
 */
export class RangePipeline extends Construct implements IGrantable {
  readonly grantPrincipal: IPrincipal;
  readonly pipelineName: string;
  readonly ledgerTableName: string;
  readonly schedulerFunctionName: string;
  readonly processorFunctionName: string;
  readonly onFailureQueueUrl: string;
  readonly deadLetterQueueUrl: string;
  readonly #scheduler: IFunction;
  readonly #processor: IFunction;

  constructor(scope: Construct, id: string, props: RangePipelineProps) {
    super(scope, id);
    this.pipelineName = props.pipelineName ?? id;
    const ledger = props.ledger ?? new LedgerTable(this, "Ledger");
    const onFailure = new Queue(this, "OnFailure", QUEUE);
    const deadLetters = new Queue(this, "DeadLetters", { ...QUEUE, maxMessageSizeBytes: 1_048_576 });
    const config = sharedConfig(props, this.pipelineName, ledger.tableName);
    const processor = new ProcessorFunction(this, "Processor", props, config, { onFailure, deadLetters }).handler;
    const scheduler = new SchedulerFunction(this, "Scheduler", props, config, processor).handler;
    ledger.grantLedger(processor);
    ledger.grantLedger(scheduler);
    grantKafka(props.sasl, processor);
    grantKafka(props.sasl, scheduler);
    this.#scheduler = scheduler;
    this.#processor = processor;
    this.grantPrincipal = processor.grantPrincipal;
    this.ledgerTableName = ledger.tableName;
    this.schedulerFunctionName = scheduler.functionName;
    this.processorFunctionName = processor.functionName;
    this.onFailureQueueUrl = onFailure.queueUrl;
    this.deadLetterQueueUrl = deadLetters.queueUrl;
    new PipelineAlarms(this, "Alarms", {
      partitionsStuck: this.metricPartitionsStuck(),
      schedulerErrors: scheduler.metricErrors(),
      onFailureMessages: onFailure.metricApproximateNumberOfMessagesVisible(),
      deadLetters: deadLetters.metricApproximateNumberOfMessagesVisible(),
      offsetsLost: this.metricOffsetsLost(),
      oldestOpenTransactionAge: this.metricOldestOpenTransactionAge(),
      alarmTopic: props.alarmTopic,
    });
  }

  /** Lets the grantee invoke both functions: run a batch now, request a reprocessing, or process one range at once. */
  grantReprocess(grantee: IGrantable): void {
    this.#scheduler.grantInvoke(grantee);
    this.#processor.grantInvoke(grantee);
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

  #metric(metricName: string, statistic: string): Metric {
    const dimensionsMap = { service: this.pipelineName, pipeline: this.pipelineName };
    return new Metric({ namespace: METRICS_NAMESPACE, metricName, statistic, dimensionsMap });
  }
}
