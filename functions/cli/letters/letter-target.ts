import { quoteAddress, quoteName } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { isTopicName } from "../../../shared/core/range/topic-partition.ts";
import { isLetterPrefix, LETTER_PREFIX_RULE } from "../../../shared/wire/environment/letter-prefix.ts";

/** Where a pipeline's dead letters are. */
export type LetterTarget =
  | { readonly kind: "queue"; readonly url: string }
  | { readonly kind: "bucket"; readonly bucket: string; readonly prefix?: string }
  | { readonly kind: "topic"; readonly topic: string };

const FORMS =
  "expected the URL of a queue, s3://BUCKET/PREFIX or topic:NAME, as the stack's output DeadLetterTarget has it";

/** The value of --target. Throws ConfigurationError. */
export function parseLetterTarget(text: string): LetterTarget {
  const topic = /^topic:(.+)$/.exec(text)?.[1];
  if (topic !== undefined && isTopicName(topic)) {
    return { kind: "topic", topic };
  }
  const [, bucket, rest] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket !== undefined) {
    const prefix = rest?.replace(/\/$/, "");
    if (prefix === undefined || prefix === "") {
      return { kind: "bucket", bucket };
    }
    if (!isLetterPrefix(prefix)) {
      throw new ConfigurationError(`--target ${quoteName(text)}: the prefix is wrong: ${LETTER_PREFIX_RULE}`);
    }
    return { kind: "bucket", bucket, prefix };
  }
  if (/^https?:\/\/[^/\s]+\/\S+$/.test(text)) {
    return { kind: "queue", url: text };
  }
  throw new ConfigurationError(`--target ${quoteAddress(text)} is no target of dead letters; ${FORMS}`);
}
