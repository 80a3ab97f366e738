import { SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { DeadLetterError } from "../core/errors.ts";
import { type DeadLetter, type DeadLetterTarget, deadLetterId } from "../core/failure/dead-letter.ts";

export interface SQSDeadLetterQueueOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  readonly encode: (letter: DeadLetter) => string;
}

/** One message per letter. A standard queue keeps the copies of a letter apart; its id tells them. */
export function createSQSDeadLetterQueue({ client, queueUrl, encode }: SQSDeadLetterQueueOptions): DeadLetterTarget {
  return {
    async send(letter) {
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: encode(letter) }));
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DeadLetterError(`dead letter ${deadLetterId(letter)} was not taken by ${queueUrl}: ${why}`, {
          cause,
        });
      }
    },
  };
}
