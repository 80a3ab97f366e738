// Open letter store: a target of dead letters, as whoever runs the command may enter it.

import { AwsCallError } from "../../../shared/aws/aws-call-error.ts";
import type { AwsAccess } from "../../../shared/aws/aws-client.ts";
import type { LetterStore, StoredLetter } from "../../../shared/core/failure/letter-store.ts";
import { S3, SQS } from "../../aws-access.ts";
import { type AwsResource, explainAwsError } from "../options/explain-aws-error.ts";
import type { ConnectionArguments } from "../options/options.ts";
import { signedAccess } from "../options/signed-access.ts";
import type { LetterTarget } from "./letter-target.ts";
import { readTopicLetter, settleLetters } from "./topic-letters.ts";

export interface LetterAccess {
  readonly target: LetterTarget;
  readonly connection: ConnectionArguments;
  readonly endpointUrl?: string | undefined;
  /** Is told what of a file of settings has no effect. */
  readonly note: (line: string) => void;
}

/** Throws ConfigurationError for what cannot be entered. */
export async function openLetterStore({ target, connection, endpointUrl, note }: LetterAccess): Promise<LetterStore> {
  switch (target.kind) {
    case "queue": {
      const { openLetterQueue } = await import("../../../shared/sqs/letter-queue.ts");
      const { url } = target;
      const access = await signedAccess(SQS, { endpointUrl, region: regionOfQueue(url) });
      return explaining(openLetterQueue(access, url), { kind: "queue", name: url, endpointUrl }, access);
    }
    case "bucket": {
      const { openLetterBucket } = await import("../../../shared/s3/letter-bucket.ts");
      const { bucket, prefix } = target;
      const access = await signedAccess(S3, { endpointUrl });
      return explaining(
        openLetterBucket(access, bucket, prefix),
        { kind: "bucket", name: bucket, endpointUrl },
        access,
      );
    }
    case "topic": {
      const { openLetterTopic } = await import("../../../shared/kafka/produce/letter-topic.ts");
      const { kafkaAccessOf } = await import("../options/kafka-access.ts");
      const { options: kafka } = await kafkaAccessOf(connection, note);
      const codec = { read: readTopicLetter, settle: settleLetters, now: () => Date.now() };
      return openLetterTopic({ kafka, topic: target.topic, ...codec });
    }
  }
}

/** A queue's URL names its region. */
function regionOfQueue(url: string): string | undefined {
  return /^https:\/\/sqs\.([a-z0-9-]+)\.amazonaws\./.exec(url)?.[1];
}

/** The store, whose errors say what to do. */
function explaining(store: LetterStore, resource: AwsResource, { region, endpoint }: AwsAccess): LetterStore {
  const explained = (error: unknown) =>
    error instanceof AwsCallError ? explainAwsError(error, { ...resource, region, endpoint: endpoint.origin }) : error;
  return {
    async *browse(scope, signal): AsyncIterable<StoredLetter> {
      try {
        yield* store.browse(scope, signal);
      } catch (error) {
        throw explained(error);
      }
    },
    remove: (copies, signal) =>
      store.remove(copies, signal).catch((error: unknown) => {
        throw explained(error);
      }),
    close: () => store.close(),
  };
}
