// Function environment
//
// The configuration of the deployed functions. One schema encodes it where the stack is
// synthesized and decodes it where the function starts, so neither a name nor a bound can
// drift apart. How it travels is environment-variables.ts.

import * as z from "zod";
import { isLedgerName, LEDGER_NAME_RULE } from "../../core/ledger/ledger-name.ts";
import { isTopicName, type TopicPartition } from "../../core/range/topic-partition.ts";
import { SECURITY_PROTOCOLS } from "../../core/source/bootstrap-server.ts";
import { readPartition } from "../offsets/decimal.ts";
import { wirePartition } from "../offsets/wire-offset.ts";
import { wireTopicPattern } from "../offsets/wire-topic-pattern.ts";
import { paramsVariable } from "../param-references/params-variable.ts";
import { flag, integer, list, names, records } from "./environment-codecs.ts";
import { toldGroupId } from "./group-id.ts";
import { isLetterPrefix, LETTER_PREFIX_RULE } from "./letter-prefix.ts";
import { limitProblems, limits } from "./limit-environment.ts";
import { location, locationProblems } from "./location-environment.ts";
import { type SecurityValues, securityProblems, serverProblem } from "./security-problems.ts";
import { starting, startingProblems } from "./starting-environment.ts";

/** As a rack id: that of the availability zone where the function runs, which is what MSK calls its brokers' racks. */
export const RACK_OF_AVAILABILITY_ZONE = "availability-zone-id";

/** As long as a topic's name may be, and far below what a request's header takes. */
const MAX_CLIENT_ID_LENGTH = 249;

const text = (what: string) => z.string().min(1, `expected ${what}`);

const topicName = z.string().refine(isTopicName, { error: "is not a legal Kafka topic name" });
const hostPort = z
  .string()
  .refine((entry) => serverProblem(entry) === undefined, "expected host:port, with a port from 1 to 65535");
const topicPartition = z.strictObject({ topic: topicName, partition: wirePartition });

const shared = {
  pipeline: z
    .string()
    .refine(isLedgerName, { error: `expected ${LEDGER_NAME_RULE}` })
    .meta({ description: "Name of the pipeline: its place in the ledger." }),
  ledgerTable: text("the name of a DynamoDB table").meta({ description: "Name of the ledger's DynamoDB table." }),
  clientId: z
    .string()
    .min(1, "expected a name")
    .max(MAX_CLIENT_ID_LENGTH, `expected at most ${MAX_CLIENT_ID_LENGTH} characters`)
    .exactOptional()
    .meta({
      description:
        "Kafka's `client.id`, by which brokers count quotas. Default: the pipeline's name and `-scheduler` or `-processor`.",
    }),
  consumerCacheMaxCapacity: integer(0, 10_000).exactOptional().meta({
    description:
      "Connections that are kept to the brokers, those in use among them (Spark's `spark.kafka.consumer.cache.maxCapacity`; 0 to 10000). Default: 64.",
  }),
  bootstrapServers: names(hostPort).meta({
    description: "Kafka brokers to ask first, `host:port` separated by commas.",
  }),
  securityProtocol: z.enum(SECURITY_PROTOCOLS).exactOptional().meta({
    description:
      "Kafka's `security.protocol`; SSL and SASL_SSL verify the broker's certificate. Left out where kafkaParams has it.",
  }),
  saslMechanism: z
    .enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "AWS_MSK_IAM"])
    .exactOptional()
    .meta({ description: "Kafka's `sasl.mechanism`; AWS_MSK_IAM signs with the function's own role." }),
  saslSecret: text("the ARN of a secret")
    .exactOptional()
    .meta({ description: "ARN of the secret with the username and password, for every other mechanism." }),
  kafkaParams: paramsVariable.exactOptional().meta({
    description:
      "Kafka's own settings for entering the cluster, as JSON, with references to secrets, parameters, objects and files in place of what is kept there.",
  }),
  isolationLevel: z
    .enum(["read_committed", "read_uncommitted"])
    .meta({ description: "Kafka's `isolation.level`, for planning and for reading." }),
  maxAttempts: integer(1, 100).meta({
    description: "Failed attempts without progress after which a range is halted (1 to 100).",
  }),
  onDataLoss: z.enum(["fail", "skip"]).meta({
    description:
      "What becomes of records that the log no longer holds: their partition halts, or they are recorded as LOST and the rest goes on (Spark's failOnDataLoss).",
  }),
  // The newest range of a partition is renewed once half of it has passed: an outage of days must not outlast that.
  retentionMs: integer(604_800_000, 31_536_000_000).meta({
    description: "How long the ledger keeps a completed range, in ms (a week to a year).",
  }),
} as const;

const source = {
  topics: names(topicName)
    .exactOptional()
    .meta({ description: "Topics to read, separated by commas (Spark's subscribe)." }),
  topicPattern: wireTopicPattern.exactOptional().meta({
    description: "Regular expression, as Java has them, that a whole topic name must match (Spark's subscribePattern).",
  }),
  assign: list(topicPartition, decodeTopicPartition, ({ topic, partition }) => `${topic}:${partition}`)
    .exactOptional()
    .meta({ description: "Partitions to read, `topic:partition` separated by commas (Spark's assign)." }),
  strategy: flag
    .exactOptional()
    .meta({ description: "Whether the function's own code selects what to read, by `createScheduler({ strategy })`." }),
} as const;

export const schedulerEnvironment = z
  .strictObject({
    ...shared,
    ...source,
    ...starting,
    maxRecordsPerPartition: records.meta({ description: "Longest range that is planned, in offsets (at least 1)." }),
    ...limits,
    onTopicRecreated: z.enum(["fail", "restart"]).meta({
      description:
        "What becomes of a topic that was deleted and created again: its partitions are held, or read from their beginning.",
    }),
    dispatchTimeoutMs: integer(1_000, 3_600_000).meta({
      description: "How long a dispatched range may wait for its claim before it is dispatched again, in ms.",
    }),
    dispatchesPerSecond: integer(1, 10_000).meta({
      description:
        "Dispatches per second and Kafka broker, at random moments; more where a run's would take over half a minute, but not with AWS_MSK_IAM (1 to 10000).",
    }),
    commitGroupId: toldGroupId.exactOptional().meta({
      description: "Consumer group that is told how far the pipeline is, for tools that watch groups' lag.",
    }),
    processorFunction: text("the name or ARN of the processor function").meta({
      description: "Name or ARN of the processor function; of the default one, where there are variants.",
    }),
    ...location,
  })
  .refine(
    ({ topics, topicPattern, assign, strategy }) => countSources([topics, topicPattern, assign, strategy]) === 1,
    {
      error: "expected exactly one of topics, topicPattern, assign and strategy",
      path: ["topics"],
      // Told beside other problems, not after them.
      when: ({ value }) => typeof value === "object",
    },
  )
  .superRefine((config, context) => {
    const problems = [
      ...limitProblems(config),
      ...startingProblems(config),
      ...connectionProblems(config),
      ...locationProblems(config),
    ];
    for (const { path, message } of problems) {
      context.addIssue({ code: "custom", path: [path], message });
    }
  });

export const processorEnvironment = z
  .strictObject({
    ...shared,
    requireConsecutiveOffsets: flag.meta({
      description: "Whether an offset without a visible record fails the range, as in Spark's default (true or false).",
    }),
    ordered: flag.exactOptional().meta({
      description:
        "Whether each live range goes on where the one before it in its partition ended, also in a store of outputs that keeps offsets (true or false; true where it is absent).",
    }),
    maxOutageAttempts: integer(1, 1_000).meta({
      description:
        "Attempts in a row that fail for the surroundings' sake (a broker, a permission, throttling), after which a range is halted (1 to 1000); 40 take an hour and a quarter at least.",
    }),
    onFailure: z.enum(["halt", "quarantine"]).meta({
      description: "What follows on maxAttempts: the partition halts, or the bad record is found and given up.",
    }),
    maxQuarantinedPerRange: integer(1, 10_000).meta({
      description: "Records of one planned range that are given up before it halts after all (1 to 10000).",
    }),
    deadLetterQueueUrl: text("the URL of an SQS queue")
      .exactOptional()
      .meta({ description: "SQS queue that quarantined and rejected records go to." }),
    deadLetterBucket: text("the name of an S3 bucket")
      .exactOptional()
      .meta({ description: "S3 bucket that they go to instead." }),
    deadLetterPrefix: z
      .string()
      .refine(isLetterPrefix, { error: LETTER_PREFIX_RULE })
      .exactOptional()
      .meta({ description: "What the keys of its objects begin with." }),
    deadLetterTopic: topicName
      .exactOptional()
      .meta({ description: "Topic of the pipeline's own Kafka cluster that they go to instead." }),
    rackId: text("the name of a rack")
      .exactOptional()
      .meta({
        description: `Kafka's \`client.rack\`: fetch from a replica there. \`${RACK_OF_AVAILABILITY_ZONE}\` is the id of the zone that the function finds itself in.`,
      }),
  })
  .superRefine((config, context) => {
    for (const { path, message } of [...connectionProblems(config), ...letterProblems(config)]) {
      context.addIssue({ code: "custom", path: [path], message });
    }
  });

export type SchedulerEnvironment = z.output<typeof schedulerEnvironment>;
export type ProcessorEnvironment = z.output<typeof processorEnvironment>;

interface LetterValues {
  readonly deadLetterQueueUrl?: string;
  readonly deadLetterBucket?: string;
  readonly deadLetterPrefix?: string;
  readonly deadLetterTopic?: string;
}

function letterProblems(config: LetterValues) {
  const { deadLetterQueueUrl, deadLetterBucket, deadLetterPrefix, deadLetterTopic } = config;
  const targets = countSources([deadLetterQueueUrl, deadLetterBucket, deadLetterTopic]);
  return [
    ...(targets > 1
      ? [
          {
            path: "deadLetterTopic",
            message: "expected one of a queue, a bucket and a topic for dead letters",
          } as const,
        ]
      : []),
    ...(deadLetterPrefix !== undefined && deadLetterBucket === undefined
      ? [{ path: "deadLetterPrefix", message: "only a bucket takes a prefix" } as const]
      : []),
  ];
}

function decodeTopicPartition(part: string): TopicPartition {
  const colon = part.lastIndexOf(":");
  return { topic: part.slice(0, Math.max(colon, 0)), partition: readPartition(part.slice(colon + 1)) ?? -1 };
}

interface ConnectionValues extends SecurityValues {
  readonly bootstrapServers: readonly string[];
}

function connectionProblems(config: ConnectionValues) {
  const wrong = config.bootstrapServers.flatMap((entry) => serverProblem(entry, config.securityProtocol) ?? []);
  return [...securityProblems(config), ...wrong.map((message) => ({ path: "bootstrapServers", message }) as const)];
}

function countSources(sources: readonly unknown[]): number {
  return sources.filter((source) => source !== undefined && source !== false).length;
}
