// Dead-letter target
//
// Where a pipeline's dead letters go: a queue of its own, a bucket, or a topic of its
// cluster; and what its processor is told of it.

import { Duration, RemovalPolicy } from "aws-cdk-lib";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { LetterKind } from "../bundle/unused-code.ts";
import { hasMethod, isObject, nested, type PropRule, required, showValue, such, text } from "../props/prop-rules.ts";

/** One object per letter. */
export interface DeadLetterBucket {
  /** The pipeline's processor may put objects there, below the prefix. */
  readonly bucket: IBucket;
  /** What the objects' keys begin with, without a slash at either end. @default - the bucket's root */
  readonly prefix?: string;
}

/** One record per letter, in a topic that is there and is not compacted. */
export interface DeadLetterTopic {
  /** Of the cluster that the pipeline reads. */
  readonly topic: string;
}

/** Where dead letters go instead of a queue. */
export type DeadLetterTarget = DeadLetterBucket | DeadLetterTopic;

const bucketRule = nested<DeadLetterBucket>({
  bucket: required(such("a Bucket", (value) => hasMethod(value, "grantPut"))),
  prefix: text,
});
const topicRule = nested<DeadLetterTopic>({ topic: required(text) });

export const deadLetterRule: PropRule = (value, name) => {
  if (isObject(value) && "bucket" in value) {
    return bucketRule(value, name);
  }
  return isObject(value) && "topic" in value
    ? topicRule(value, name)
    : [
        `${name} is ${showValue(value)}; choose { bucket, prefix } or { topic }, or leave it out for a queue of the pipeline's own`,
      ];
};

/** The part of the processor's configuration that says where letters go. */
export interface LetterConfig {
  readonly deadLetterQueueUrl?: string;
  readonly deadLetterBucket?: string;
  readonly deadLetterPrefix?: string;
  readonly deadLetterTopic?: string;
}

/** `queueUrl` is asked for where there is neither a bucket nor a topic. */
export function letterConfig(target: DeadLetterTarget | undefined, queueUrl: () => string): LetterConfig {
  if (target === undefined) {
    return { deadLetterQueueUrl: queueUrl() };
  }
  return "topic" in target
    ? { deadLetterTopic: target.topic }
    : { deadLetterBucket: target.bucket.bucketName, ...omitUndefined({ deadLetterPrefix: target.prefix }) };
}

export function letterKindOf({ deadLetterBucket, deadLetterTopic }: LetterConfig): LetterKind {
  if (deadLetterBucket !== undefined) {
    return "bucket";
  }
  return deadLetterTopic === undefined ? "queue" : "topic";
}

/** A queue's URL, `s3://BUCKET/PREFIX` or `topic:NAME`. */
export function letterTargetName({ deadLetterQueueUrl, deadLetterBucket, ...config }: LetterConfig): string {
  const { deadLetterPrefix, deadLetterTopic } = config;
  if (deadLetterBucket !== undefined) {
    return `s3://${deadLetterBucket}${deadLetterPrefix === undefined ? "" : `/${deadLetterPrefix}`}`;
  }
  return deadLetterQueueUrl ?? `topic:${deadLetterTopic}`;
}

export const QUEUE = {
  encryption: QueueEncryption.SQS_MANAGED,
  enforceSSL: true,
  retentionPeriod: Duration.days(14),
  // What waits in them is nowhere else.
  removalPolicy: RemovalPolicy.RETAIN,
} as const;

export function deadLetterQueue(scope: Construct): Queue {
  return new Queue(scope, "DeadLetters", { ...QUEUE, maxMessageSizeBytes: 1_048_576 });
}
