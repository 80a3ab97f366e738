// Open dead letters
//
// Where the environment says that letters go. A target is loaded where it is used: an
// environment without letters reads none of them.

import type { DeadLetter, DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import type { KafkaOptions } from "../../../shared/kafka/connection/kafka-options.ts";
import type { ProcessorEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { encodeDeadLetter } from "../../../shared/wire/events/dead-letter.ts";
import { awsAccessOf, S3, SQS } from "../../aws-access.ts";

type LetterEnvironment = Pick<
  ProcessorEnvironment,
  "deadLetterQueueUrl" | "deadLetterBucket" | "deadLetterPrefix" | "deadLetterTopic"
>;

/** Undefined where it says nothing. Nothing is loaded or connected to before the first letter. */
export function openDeadLetters(environment: LetterEnvironment, kafka: KafkaOptions): DeadLetterTarget | undefined {
  const open = openerOf(environment, kafka);
  if (open === undefined) {
    return undefined;
  }
  let target: Promise<DeadLetterTarget> | undefined;
  return {
    async send(letter: DeadLetter) {
      target ??= open();
      await (await target).send(letter);
    },
  };
}

function openerOf(
  { deadLetterQueueUrl, deadLetterBucket: bucket, deadLetterPrefix: prefix, deadLetterTopic: topic }: LetterEnvironment,
  kafka: KafkaOptions,
): (() => Promise<DeadLetterTarget>) | undefined {
  const encode = encodeDeadLetter;
  if (deadLetterQueueUrl !== undefined) {
    return async () => {
      const { createSQSDeadLetterQueue } = await import("../../../shared/sqs/dead-letter-queue.ts");
      return createSQSDeadLetterQueue({ access: awsAccessOf(SQS), queueUrl: deadLetterQueueUrl, encode });
    };
  }
  if (bucket !== undefined) {
    return async () => {
      const { createS3DeadLetters } = await import("../../../shared/s3/dead-letter-bucket.ts");
      return createS3DeadLetters({ access: awsAccessOf(S3), bucket, prefix, encode });
    };
  }
  if (topic !== undefined) {
    return async () => {
      const { createKafkaDeadLetters } = await import("../../../shared/kafka/produce/dead-letter-topic.ts");
      const { encodeLetterRecord } = await import("../../../shared/wire/events/dead-letter-record.ts");
      return createKafkaDeadLetters({ kafka, topic, encode: encodeLetterRecord, now: () => Date.now() });
    };
  }
  return undefined;
}
