import { type AwsAccess, createAwsClient } from "../aws/aws-client.ts";
import { createJsonCalls } from "../aws/json-calls.ts";
import { withoutPasswords } from "../core/bounded-text.ts";
import { DeadLetterError } from "../core/errors.ts";
import { type DeadLetter, type DeadLetterTarget, deadLetterId } from "../core/failure/dead-letter.ts";
import { SQS_MAX_SOCKETS, SQS_MAX_TRIES, SQS_TIMEOUT_MS } from "./limits.ts";

export interface SQSDeadLetterQueueOptions {
  readonly access: AwsAccess;
  readonly queueUrl: string;
  readonly encode: (letter: DeadLetter) => string;
}

/** One message per letter. A standard queue keeps the copies of a letter apart; its id tells them. */
export function createSQSDeadLetterQueue({ access, queueUrl, encode }: SQSDeadLetterQueueOptions): DeadLetterTarget {
  const client = createAwsClient({
    ...access,
    service: "sqs",
    timeouts: { connectMs: SQS_TIMEOUT_MS, requestMs: SQS_TIMEOUT_MS },
    maxTries: SQS_MAX_TRIES,
    maxSockets: SQS_MAX_SOCKETS,
  });
  const call = createJsonCalls(client, { target: "AmazonSQS", version: "1.0" });
  return {
    async send(letter) {
      try {
        await call("SendMessage", { QueueUrl: queueUrl, MessageBody: encode(letter) });
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DeadLetterError(
          `dead letter ${deadLetterId(letter)} was not taken by ${withoutPasswords(queueUrl)}: ${why}`,
          {
            cause,
          },
        );
      }
    },
  };
}
