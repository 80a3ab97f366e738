// Function environment
//
// The configuration of the deployed functions. One schema encodes it where the stack is
// synthesized and decodes it where the function starts, so neither a name nor a bound can
// drift apart. How it travels is environment-variables.ts; what each key means, in the words
// of the documents, variable-meanings.ts.

import * as z from "zod/mini";
import { isLedgerName, LEDGER_NAME_RULE } from "../../core/ledger/ledger-name.ts";
import { LEAST_RETENTION_MS } from "../../core/limits.ts";
import { isTopicName, type TopicPartition } from "../../core/range/topic-partition.ts";
import { SECURITY_PROTOCOLS, serversToJudge } from "../../core/source/bootstrap-server.ts";
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

const text = (what: string) => z.string().check(z.minLength(1, `expected ${what}`));

const topicName = z.string().check(z.refine(isTopicName, { error: "is not a legal Kafka topic name" }));
const hostPort = z
  .string()
  .check(z.refine((entry) => serverProblem(entry) === undefined, "expected host:port, with a port from 1 to 65535"));
const topicPartition = z.strictObject({ topic: topicName, partition: wirePartition });

const shared = {
  pipeline: z.string().check(z.refine(isLedgerName, { error: `expected ${LEDGER_NAME_RULE}` })),
  ledgerTable: text("the name of a DynamoDB table"),
  clientId: z.exactOptional(
    z
      .string()
      .check(
        z.minLength(1, "expected a name"),
        z.maxLength(MAX_CLIENT_ID_LENGTH, `expected at most ${MAX_CLIENT_ID_LENGTH} characters`),
      ),
  ),
  consumerCacheMaxCapacity: z.exactOptional(integer(0, 10_000)),
  bootstrapServers: names(hostPort),
  securityProtocol: z.exactOptional(z.enum(SECURITY_PROTOCOLS)),
  saslMechanism: z.exactOptional(z.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "AWS_MSK_IAM"])),
  saslSecret: z.exactOptional(text("the ARN of a secret")),
  kafkaParams: z.exactOptional(paramsVariable),
  isolationLevel: z.enum(["read_committed", "read_uncommitted"]),
  maxAttempts: integer(1, 100),
  onDataLoss: z.enum(["fail", "skip"]),
  // The newest range of a partition is renewed once half of it has passed: an outage of days must not outlast that.
  retentionMs: integer(LEAST_RETENTION_MS, 31_536_000_000),
} as const;

const source = {
  topics: z.exactOptional(names(topicName)),
  topicPattern: z.exactOptional(wireTopicPattern),
  assign: z.exactOptional(
    list(topicPartition, decodeTopicPartition, ({ topic, partition }) => `${topic}:${partition}`),
  ),
  strategy: z.exactOptional(flag),
} as const;

export const schedulerEnvironment = z
  .strictObject({
    ...shared,
    ...source,
    ...starting,
    maxRecordsPerPartition: records,
    ...limits,
    onTopicRecreated: z.enum(["fail", "restart"]),
    dispatchTimeoutMs: integer(1_000, 3_600_000),
    dispatchesPerSecond: integer(1, 10_000),
    commitGroupId: z.exactOptional(toldGroupId),
    processorFunction: text("the name or ARN of the processor function"),
    ...location,
  })
  .check(
    z.refine(
      ({ topics, topicPattern, assign, strategy }) => countSources([topics, topicPattern, assign, strategy]) === 1,
      {
        error: "expected exactly one of topics, topicPattern, assign and strategy",
        path: ["topics"],
        // Told beside other problems, not after them.
        when: ({ value }) => typeof value === "object",
      },
    ),
    z.superRefine((config, context) => {
      const problems = [
        ...limitProblems(config),
        ...startingProblems(config),
        ...connectionProblems(config),
        ...locationProblems(config),
      ];
      for (const { path, message } of problems) {
        context.addIssue({ code: "custom", path: [path], message });
      }
    }),
  );

export const processorEnvironment = z
  .strictObject({
    ...shared,
    requireConsecutiveOffsets: flag,
    maxOutageAttempts: integer(1, 1_000),
    onFailure: z.enum(["halt", "quarantine"]),
    maxQuarantinedPerRange: integer(1, 10_000),
    deadLetterQueueUrl: z.exactOptional(text("the URL of an SQS queue")),
    deadLetterBucket: z.exactOptional(text("the name of an S3 bucket")),
    deadLetterPrefix: z.exactOptional(z.string().check(z.refine(isLetterPrefix, { error: LETTER_PREFIX_RULE }))),
    deadLetterTopic: z.exactOptional(topicName),
    rackId: z.exactOptional(text("the name of a rack")),
  })
  .check(
    z.superRefine((config, context) => {
      for (const { path, message } of [...connectionProblems(config), ...letterProblems(config)]) {
        context.addIssue({ code: "custom", path: [path], message });
      }
    }),
  );

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
  const wrong = serversToJudge(config.bootstrapServers).flatMap(
    (entry) => serverProblem(entry, config.securityProtocol) ?? [],
  );
  return [...securityProblems(config), ...wrong.map((message) => ({ path: "bootstrapServers", message }) as const)];
}

function countSources(sources: readonly unknown[]): number {
  return sources.filter((source) => source !== undefined && source !== false).length;
}
