// Dead-letter bucket
//
// One object per record that is given up, under a key that its coordinates make: a letter
// that is sent again, and one of a second failure, take the place of the first.

import type { AwsAccess } from "../aws/aws-client.ts";
import { DeadLetterError } from "../core/errors.ts";
import { type DeadLetter, type DeadLetterTarget, deadLetterId } from "../core/failure/dead-letter.ts";
import { S3_MAX_LETTER_BYTES } from "./limits.ts";
import { openS3Bucket } from "./s3-bucket.ts";

/** As many digits as the largest offset has, so that keys sort as offsets do. */
const OFFSET_DIGITS = 19;

export interface S3DeadLettersOptions {
  readonly access: AwsAccess;
  readonly bucket: string;
  /** Without a slash at either end. @default - the bucket's root */
  readonly prefix?: string | undefined;
  readonly encode: (letter: DeadLetter, maxBytes: number) => string;
}

export function createS3DeadLetters({ access, bucket, prefix, encode }: S3DeadLettersOptions): DeadLetterTarget {
  const objects = openS3Bucket(access, bucket);
  return {
    async send(letter) {
      const key = deadLetterKey(letter, prefix);
      try {
        await objects.put(key, encode(letter, S3_MAX_LETTER_BYTES), "application/json");
      } catch (cause) {
        const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
        throw new DeadLetterError(
          `dead letter ${deadLetterId(letter)} was not taken by s3://${bucket}/${key}: ${why}`,
          {
            cause,
          },
        );
      }
    },
  };
}

/** `PREFIX/pipeline=P/topic=T/id=TOPIC-ID/partition=N/OFFSET.json`. */
export function deadLetterKey({ chain, topic, partition, offset }: DeadLetter, prefix?: string): string {
  const name = `${offset.toString().padStart(OFFSET_DIGITS, "0")}.json`;
  const parts = [`pipeline=${chain.pipeline}`, `topic=${topic}`, `id=${chain.topicId}`, `partition=${partition}`, name];
  return [...(prefix === undefined ? [] : [prefix]), ...parts].join("/");
}
