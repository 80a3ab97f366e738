// Grant letters
//
// Who may do what with a pipeline's dead letters: its processor sends them, and an operator
// looks at them and deletes them. None of them reaches another pipeline's.

import { Grant, type IGrantable } from "aws-cdk-lib/aws-iam";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { grantTopic, type SettledSasl } from "../kafka/kafka-sasl.ts";
import type { DeadLetterBucket, DeadLetterTarget } from "./dead-letter-target.ts";

/** Where a pipeline's letters are. */
export interface LetterPlace {
  readonly target: DeadLetterTarget | undefined;
  /** The pipeline's own, where there is no target. */
  readonly queue: Queue | undefined;
  /** By which a topic's cluster is entered. */
  readonly sasl: SettledSasl | undefined;
  readonly pipelineName: string;
}

/** Lets the grantee send letters, and neither read nor delete one. */
export function grantSendLetters(grantee: IGrantable, { target, queue, sasl }: LetterPlace): void {
  queue?.grant(grantee, "sqs:SendMessage");
  if (target === undefined) {
    return;
  }
  if ("topic" in target) {
    grantTopic(sasl, grantee, { topic: target.topic, actions: ["WriteData"] });
  } else {
    // CDK's own grant adds tags, legal holds and retention, of which nothing is needed.
    const { bucket, prefix } = target;
    const resourceArns = [bucket.arnForObjects(prefix === undefined ? "*" : `${prefix}/*`)];
    Grant.addToPrincipal({ grantee, actions: ["s3:PutObject"], resourceArns });
    bucket.encryptionKey?.grantEncrypt(grantee);
  }
}

/** Lets the grantee list and show letters. A queue shows a message by hiding it from others for a while. */
export function grantReadLetters(grantee: IGrantable, { target, queue, sasl, pipelineName }: LetterPlace): void {
  queue?.grant(grantee, "sqs:ReceiveMessage", "sqs:ChangeMessageVisibility");
  if (target === undefined) {
    return;
  }
  if ("topic" in target) {
    grantTopic(sasl, grantee, { topic: target.topic, actions: ["ReadData"] });
    return;
  }
  const { bucket } = target;
  const own = ownKeys(target, pipelineName);
  const conditions = { StringLike: { "s3:prefix": own } };
  Grant.addToPrincipal({ grantee, actions: ["s3:ListBucket"], resourceArns: [bucket.bucketArn], conditions });
  Grant.addToPrincipal({ grantee, actions: ["s3:GetObject"], resourceArns: [bucket.arnForObjects(own)] });
  bucket.encryptionKey?.grantDecrypt(grantee);
}

/** Lets the grantee delete letters, which it may read. In a topic a mark behind a letter says that it is done. */
export function grantDeleteLetters(grantee: IGrantable, { target, queue, sasl, pipelineName }: LetterPlace): void {
  queue?.grant(grantee, "sqs:DeleteMessage");
  if (target === undefined) {
    return;
  }
  if ("topic" in target) {
    grantTopic(sasl, grantee, { topic: target.topic, actions: ["WriteData"] });
  } else {
    const resourceArns = [target.bucket.arnForObjects(ownKeys(target, pipelineName))];
    Grant.addToPrincipal({ grantee, actions: ["s3:DeleteObject"], resourceArns });
  }
}

/** As shared/s3/dead-letter-bucket.ts makes them. */
function ownKeys({ prefix }: DeadLetterBucket, pipelineName: string): string {
  return [...(prefix === undefined ? [] : [prefix]), `pipeline=${pipelineName}`, "*"].join("/");
}
