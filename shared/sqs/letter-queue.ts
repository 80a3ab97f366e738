// Letter queue
//
// A queue of dead letters as an operator looks through it. SQS shows a message by taking it
// out of everybody's sight for a while: each is put back as soon as the look is over, however it ends.

import type { AwsAccess } from "../aws/aws-client.ts";
import { createAwsClient } from "../aws/aws-client.ts";
import { createJsonCalls, type JsonCalls } from "../aws/json-calls.ts";
import type { LetterStore, StoredLetter } from "../core/failure/letter-store.ts";
import {
  SQS_BATCH_MESSAGES,
  SQS_LOOK_SECONDS,
  SQS_MAX_SOCKETS,
  SQS_MAX_STALE_LOOKS,
  SQS_MAX_TRIES,
  SQS_TIMEOUT_MS,
} from "./limits.ts";

interface Message {
  readonly MessageId: string;
  readonly ReceiptHandle: string;
  readonly Body: string;
  readonly Attributes?: { readonly SentTimestamp?: string };
}

export function openLetterQueue(access: AwsAccess, queueUrl: string): LetterStore {
  const client = createAwsClient({
    ...access,
    service: "sqs",
    timeouts: { connectMs: SQS_TIMEOUT_MS, requestMs: SQS_TIMEOUT_MS },
    maxTries: SQS_MAX_TRIES,
    maxSockets: SQS_MAX_SOCKETS,
  });
  const call = createJsonCalls(client, { target: "AmazonSQS", version: "1.0" });
  return {
    async *browse(_scope, signal) {
      for await (const message of look(call, queueUrl, signal)) {
        yield letterOf(message);
      }
    },
    async remove(copies, signal) {
      const wanted = new Set(copies.map(({ copy }) => copy));
      for await (const message of look(call, queueUrl, signal)) {
        if (wanted.delete(message.MessageId)) {
          await call("DeleteMessage", { QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle });
        }
        if (wanted.size === 0) {
          return;
        }
      }
    },
    close: async () => client.close(),
  };
}

/** Every message that nobody else looks at, once. */
async function* look(call: JsonCalls, queueUrl: string, signal: AbortSignal): AsyncIterable<Message> {
  const seen = new Map<string, string>();
  try {
    for (let stale = 0; stale < SQS_MAX_STALE_LOOKS; ) {
      signal.throwIfAborted();
      const answer = await call("ReceiveMessage", {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: SQS_BATCH_MESSAGES,
        VisibilityTimeout: SQS_LOOK_SECONDS,
        // A long poll asks all of SQS's servers: what it does not find is not there.
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp"],
      });
      const { Messages: messages = [] } = answer as { readonly Messages?: readonly Message[] };
      if (messages.length === 0) {
        return;
      }
      const fresh = messages.filter(({ MessageId }) => !seen.has(MessageId));
      for (const { MessageId, ReceiptHandle } of messages) {
        seen.set(MessageId, ReceiptHandle);
      }
      yield* fresh;
      stale = fresh.length === 0 ? stale + 1 : 0;
    }
  } finally {
    await putBack(call, queueUrl, [...seen.values()]);
  }
}

/** What was deleted meanwhile is told by the answer, and is no matter. */
async function putBack(call: JsonCalls, queueUrl: string, receipts: readonly string[]): Promise<void> {
  for (let start = 0; start < receipts.length; start += SQS_BATCH_MESSAGES) {
    const entries = receipts
      .slice(start, start + SQS_BATCH_MESSAGES)
      .map((ReceiptHandle, index) => ({ Id: index.toString(), ReceiptHandle, VisibilityTimeout: 0 }));
    await call("ChangeMessageVisibilityBatch", { QueueUrl: queueUrl, Entries: entries });
  }
}

function letterOf({ MessageId, Body, Attributes }: Message): StoredLetter {
  return { copy: MessageId, keptAt: Number(Attributes?.SentTimestamp ?? 0), body: Body };
}
