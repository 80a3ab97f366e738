// Variable meanings
//
// What each key of the functions' environment means, in the words of the documents' tables.
// No function loads this file.

import type { ProcessorEnvironment, SchedulerEnvironment } from "./function-environment.ts";
import type { ManifestEnvironment } from "./manifest-environment.ts";

type Key = keyof SchedulerEnvironment | keyof ProcessorEnvironment | keyof ManifestEnvironment;

export const VARIABLE_MEANINGS: Readonly<Record<Key, string>> = {
  pipeline: "Name of the pipeline: its place in the ledger.",
  ledgerTable: "Name of the ledger's DynamoDB table.",
  clientId:
    "Kafka's `client.id`, by which brokers count quotas. Default: the pipeline's name and `-scheduler` or `-processor`.",
  consumerCacheMaxCapacity:
    "Connections that are kept to the brokers, those in use among them (Spark's `spark.kafka.consumer.cache.maxCapacity`; 0 to 10000). Default: 64.",
  bootstrapServers: "Kafka brokers to ask first, `host:port` separated by commas.",
  securityProtocol:
    "Kafka's `security.protocol`; SSL and SASL_SSL verify the broker's certificate. Left out where kafkaParams has it.",
  saslMechanism: "Kafka's `sasl.mechanism`; AWS_MSK_IAM signs with the function's own role.",
  saslSecret: "ARN of the secret with the username and password, for every other mechanism.",
  kafkaParams:
    "Kafka's own settings for entering the cluster, as JSON, with references to secrets, parameters, objects and files in place of what is kept there.",
  isolationLevel: "Kafka's `isolation.level`, for planning and for reading.",
  maxAttempts: "Failed attempts without progress after which a range is halted (1 to 100).",
  onDataLoss:
    "What becomes of records that the log no longer holds: their partition halts, or they are recorded as LOST and the rest goes on (Spark's failOnDataLoss).",
  retentionMs: "How long the ledger keeps a completed range, in ms (a week to a year).",
  topics: "Topics to read, separated by commas (Spark's subscribe).",
  topicPattern: "Regular expression, as Java has them, that a whole topic name must match (Spark's subscribePattern).",
  assign: "Partitions to read, `topic:partition` separated by commas (Spark's assign).",
  strategy: "Whether the function's own code selects what to read, by `createScheduler({ strategy })`.",
  startingOffsets:
    "Where partitions start that exist at the first run: `earliest`, `latest` or Spark's JSON by partition; later ones start at their log's beginning.",
  startingTimestamp:
    "Start at the first record that is not older, in ms since the epoch; goes before both other starting options.",
  startingOffsetsByTimestamp: "The same by partition, as Spark's JSON; goes before the starting offsets.",
  startingOffsetsFromGroup:
    "Start at what this consumer group has committed, once it has no members; goes before the starting offsets.",
  onNoMatch:
    "What a starting timestamp is that no record matches, or a partition of which the group has committed none: an `error` (the default), `latest` or, of a group, `earliest`.",
  maxRecordsPerPartition: "Longest range that is planned, in offsets (at least 1).",
  initialRecordsPerPartition: "Longest first range of a partition, before anything is known of its pace, in offsets.",
  adaptiveSize: "Whether a range is sized from how the one before it went, to fill its time (true or false).",
  batchIntervalMs: "How often the scheduler runs, in ms: what a range is sized to fill at most.",
  processorTimeoutMs: "The processor function's time-out, in ms: a range is sized to stay well below it.",
  ordered: "Whether a partition's records are processed in order, one range at a time (true or false).",
  maxRecordsPerRange: "Longest of the ranges that a partition's share of a batch is cut into, without order.",
  minPartitions: "Least ranges that a batch is cut into, without order (Spark's minPartitions; up to 1,000).",
  minRecordsPerPartition: "Least offsets of a partition that has as many, whatever its share of a batch is.",
  maxRecordsPerBatch:
    "Offsets of all partitions together in one run, shared out by lag (Spark's maxOffsetsPerTrigger).",
  minRecordsPerBatch:
    "Below so many new offsets in all partitions together a run plans nothing (Spark's minOffsetsPerTrigger).",
  maxBatchDelayMs:
    "How long after the last batch one below that minimum is planned all the same, in ms (Spark's maxTriggerDelay; up to a day).",
  maxConcurrency: "Most ranges in flight at a time: dispatched, or being processed (1 to 20000).",
  backpressure:
    "Whether the pace of the last batches limits the next (Spark's backpressure); it needs the four weights.",
  pidProportional: "Weight of the last batch's error (Spark's pid.proportional).",
  pidIntegral: "Weight of the work that waited (Spark's pid.integral).",
  pidDerived: "Weight of the error's change (Spark's pid.derived).",
  pidMinRate: "Records a second of all partitions together, at least (Spark's pid.minRate; above 0).",
  onTopicRecreated:
    "What becomes of a topic that was deleted and created again: its partitions are held, or read from their beginning.",
  dispatchTimeoutMs: "How long a dispatched range may wait for its claim before it is dispatched again, in ms.",
  dispatchesPerSecond:
    "Dispatches per second and Kafka broker, at random moments; more where a run's would take over half a minute, but not with AWS_MSK_IAM (1 to 10000).",
  commitGroupId: "Consumer group that is told how far the pipeline is, for tools that watch groups' lag.",
  processorFunction: "Name or ARN of the processor function; of the default one, where there are variants.",
  variants:
    "Processor functions beside the default one, by name, as JSON: `function`, `timeoutMs`, `maxConcurrency`, and the `racks` whose leaders' ranges it gets.",
  preferFixed:
    "Partitions that go to a variant, `name=topic:partition,topic:*` separated by blanks (Spark's PreferFixed); those not named go to the default processor.",
  requireConsecutiveOffsets:
    "Whether an offset without a visible record fails the range, as in Spark's default (true or false).",
  maxOutageAttempts:
    "Attempts in a row that fail for the surroundings' sake (a broker, a permission, throttling), after which a range is halted (1 to 1000); 40 take an hour and a quarter at least.",
  onFailure: "What follows on maxAttempts: the partition halts, or the bad record is found and given up.",
  maxQuarantinedPerRange: "Records of one planned range that are given up before it halts after all (1 to 10000).",
  deadLetterQueueUrl: "SQS queue that quarantined and rejected records go to.",
  deadLetterBucket: "S3 bucket that they go to instead.",
  deadLetterPrefix: "What the keys of its objects begin with.",
  deadLetterTopic: "Topic of the pipeline's own Kafka cluster that they go to instead.",
  rackId:
    "Kafka's `client.rack`: fetch from a replica there. `availability-zone-id` is the id of the zone that the function finds itself in.",
  archiveBucket: "Name of the bucket of the archive whose batches get manifests.",
  archivePrefix: "What the prefixes of that archive begin with: it writes nowhere else. Default: the whole bucket.",
};
