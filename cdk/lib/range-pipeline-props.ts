import type { Duration } from "aws-cdk-lib";
import type { TimestampsByPartition } from "../../shared/wire/offsets/spark-offsets.ts";
import type { ArchiveBucket } from "./archive/archive-bucket.ts";
import type { KafkaProps } from "./kafka/kafka-props.ts";
import type { Ledger } from "./ledger-table.ts";
import type { DeadLetterTarget } from "./letters/dead-letter-target.ts";
import type { LocationProps } from "./location/location-props.ts";
import type { PipelineFunctionProps } from "./props/pipeline-function-props.ts";
import type { StartingOffsets } from "./props/starting-offsets.ts";

/** What a pipeline reads, from where on, how much at a time, by which code, and what follows on a failure. */
export interface RangePipelineProps extends KafkaProps, LocationProps, PipelineFunctionProps {
  /** The file that exports `handler = createRangeProcessor({ process })`. */
  readonly processorEntry: string;

  /** Topics to read (Spark's subscribe). Exactly one of topics, topicPattern, assign and strategyEntry. */
  readonly topics?: readonly string[];
  /** Regular expression, as Java has them, that a whole topic name must match (Spark's subscribePattern). */
  readonly topicPattern?: string;
  /** Partitions to read (Spark's assign). */
  readonly assign?: readonly { readonly topic: string; readonly partition: number }[];
  /** The file that exports `handler = createScheduler({ strategy })`: code that selects (Spark's own ConsumerStrategy). */
  readonly strategyEntry?: string;

  /**
   * The pipeline's place in the ledger. A pipeline of another name starts afresh.
   * @default - the construct's id
   */
  readonly pipelineName?: string;
  /**
   * Where partitions start that exist at the first run; by partition, `{ orders: { 0: 23, 1: -1 } }`,
   * each of them is named, with -2 for earliest and -1 for latest, or by topic, `{ orders: "latest" }`; the same as
   * Spark's JSON, such as the last line of a checkpoint's `offsets/N`; or what a consumer group has committed once it has
   * no members, `{ group: "orders-service" }`. Those found later start at their log's beginning.
   * @default "earliest"
   */
  readonly startingOffsets?: StartingOffsets;
  /**
   * Start at the first record that is not older; a number is in milliseconds, a text ISO 8601 with a zone. Goes before
   * the other starting options.
   * @default - by offsets
   */
  readonly startingTimestamp?: Date | number | string;
  /**
   * The same by partition, each partition named. Goes before `startingOffsets`.
   * @default - by offsets
   */
  readonly startingOffsetsByTimestamp?: TimestampsByPartition;
  /**
   * What a starting timestamp is that no record matches, or a partition of which the group has committed none: an error,
   * the log's end or, of a group, its beginning.
   * @default "error"
   */
  readonly onNoMatch?: "error" | "latest" | "earliest";
  /**
   * Whether an offset without a visible record (compaction, transactions) fails its range, as in Spark's default.
   * @default false
   */
  readonly requireConsecutiveOffsets?: boolean;
  /**
   * How often the scheduler runs, in whole minutes; a minute to a day.
   * @default Duration.minutes(1)
   */
  readonly batchInterval?: Duration;
  /**
   * Whether the schedule runs the scheduler. A pipeline that is only drained, or invoked by something else, needs none;
   * then no alarm watches for silence.
   * @default true
   */
  readonly scheduleEnabled?: boolean;
  /**
   * Whether a range is sized from how the one before it went, so that it fills the batch interval, or its part of
   * the processor's time-out where that is less, and overruns neither.
   * @default true
   */
  readonly adaptiveSize?: boolean;
  /**
   * The longest first range of a partition, before anything is known of its pace, in offsets.
   * @default 10_000
   */
  readonly initialRecordsPerPartition?: number;
  /**
   * The longest range that is planned, in offsets.
   * @default - 10_000_000, a bound that an adaptive size seldom comes to; 100_000 without one
   */
  readonly maxRecordsPerPartition?: number;
  /**
   * Least offsets of a partition that has as many, whatever its share of a batch is; at most `maxRecordsPerPartition`.
   * @default 1
   */
  readonly minRecordsPerPartition?: number;
  /**
   * Offsets of all partitions together in one run, shared out by lag (Spark's maxOffsetsPerTrigger).
   * @default - no limit
   */
  readonly maxRecordsPerBatch?: number;
  /**
   * Below so many new offsets in all partitions together a run plans nothing (Spark's minOffsetsPerTrigger).
   * The first batch does not wait.
   * @default - every run plans what is new
   */
  readonly minRecordsPerBatch?: number;
  /**
   * How long after the last batch one below `minRecordsPerBatch` is planned all the same (Spark's maxTriggerDelay);
   * at most a day.
   * @default Duration.minutes(15)
   */
  readonly maxBatchDelay?: Duration;
  /**
   * Whether a partition's records are processed in order, one range at a time. Without order a partition's share of
   * a batch is cut into ranges that are processed side by side; the next batch of the partition waits for all of them.
   * @default true
   */
  readonly ordered?: boolean;
  /**
   * The longest of those ranges, in offsets; needs `ordered: false`.
   * @default - the adaptive size
   */
  readonly maxRecordsPerRange?: number;
  /**
   * The least ranges that a batch is cut into (Spark's minPartitions), 1 to 1,000; needs `ordered: false`.
   * @default - as many as their length comes to
   */
  readonly minPartitions?: number;
  /**
   * Whether the pace of the last batches limits the next, by the formula of Spark's PID estimator.
   * @default "off"
   */
  readonly backpressure?: "off" | "pid";
  /** Weight of the last batch's error; at least 0. @default 1 */
  readonly pidProportional?: number;
  /** Weight of the work that waited; at least 0. @default 0.2 */
  readonly pidIntegral?: number;
  /** Weight of the error's change; at least 0. @default 0 */
  readonly pidDerived?: number;
  /** Records a second of all partitions together, at least. @default 100 */
  readonly pidMinRate?: number;
  /**
   * Failed attempts without progress after which a partition halts; 1 to 100.
   * @default 5
   */
  readonly maxAttempts?: number;
  /**
   * Attempts in a row that fail for the surroundings' sake (a broker, a permission, a password that was changed,
   * throttling) after which a partition halts; 1 to 1,000. They are none of `maxAttempts`, and back-off up to five minutes.
   * @default 40 - an hour and a quarter at least
   */
  readonly maxOutageAttempts?: number;
  /**
   * What follows on `maxAttempts` where the error is the code's or a record's own: the partition halts, or the bad
   * record is found, sent to the dead-letter target and marked QUARANTINED, and the partition goes on.
   * @default "halt"
   */
  readonly onFailure?: "halt" | "quarantine";
  /**
   * Records of one planned range that are quarantined before it halts after all; 1 to 10,000.
   * @default 10
   */
  readonly maxQuarantinedPerRange?: number;
  /**
   * Where records go that are quarantined, or that the code rejects: objects of a bucket, `{ bucket, prefix }`, or a topic
   * of the pipeline's own cluster, `{ topic: "orders.dlq" }`, which exists and is not compacted.
   * @default - an SQS queue of the pipeline's own
   */
  readonly deadLetterTarget?: DeadLetterTarget;
  /**
   * What becomes of records that the log no longer holds (Spark's failOnDataLoss): their partition halts, or they are
   * recorded as LOST with their offsets, and the partition goes on.
   * @default "fail"
   */
  readonly onDataLoss?: "fail" | "skip";
  /**
   * What becomes of a topic that was deleted and created again: its partitions are held, or what it still owed is
   * recorded as LOST and the topic that exists now is read from its beginning.
   * @default "fail"
   */
  readonly onTopicRecreated?: "fail" | "restart";
  /**
   * How long a dispatched range may wait for its claim before it is dispatched again; at most an hour.
   * @default Duration.minutes(2)
   */
  readonly dispatchTimeout?: Duration;
  /**
   * Dispatches per second to the partitions that one broker leads, at random moments; raised where a batch's
   * would take longer than half a minute. With MSK's IAM it is never raised, and what does not fit a run waits for the
   * next: MSK accepts 100 new IAM connections per second and broker, 4 of a t3.small.
   * @default - 1000; 100 with MSK's IAM
   */
  readonly dispatchesPerSecond?: number;
  /**
   * A consumer group of Kafka's that each run tells how far the pipeline is, so that Burrow, Kafka UI and
   * kafka-consumer-groups.sh see its lag. Nobody may consume with it, and the pipeline itself never goes by it. It never
   * goes back, and is told nothing while the pipeline is paused.
   * Without IAM the scheduler's principal needs Kafka's ACL Read on the group, and Read on the topics.
   * @default - no group is told
   */
  readonly commitGroupId?: string;
  /**
   * Most ranges in flight at a time: the processor's reserved concurrency, which the scheduler's dispatches respect;
   * 1 to 20,000. Without it a pipeline of a thousand busy partitions may use up the account's concurrency.
   * @default - no limit but the account's
   */
  readonly maxConcurrency?: number;
  /**
   * Concurrency that is reserved for the scheduler, so that busy functions of the account do not throttle it.
   * @default - 2 with `maxConcurrency`, none without: an account's first quota is too small for any
   */
  readonly schedulerReservedConcurrency?: number;
  /**
   * How long the ledger keeps a completed range; a week to a year. Runs renew what a chain goes on from, so that it outlasts
   * any outage of half of it.
   * @default Duration.days(30)
   */
  readonly retention?: Duration;

  /**
   * The archive of the pipeline, whose finished batches get their manifests by themselves: from a function that looks every
   * five minutes. Each pipeline of an archive has one of its own.
   * @default - none; `ranges manifests` writes them
   */
  readonly manifests?: ArchiveBucket;

  /**
   * The ledger to keep the ranges in; several pipelines may share one.
   * @default - a table of the pipeline's own
   */
  readonly ledger?: Ledger;
}
