import { quoteAddress } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import { isTopicName } from "../../../shared/core/range/topic-partition.ts";

/** Whose outputs are held against the ledger. */
export type OutputPlace =
  /** The archives that the ledger's receipts name. */
  | { readonly kind: "s3" }
  /** With a topic where the outputs' cluster is another one than the source's. */
  | { readonly kind: "kafka"; readonly topic?: string }
  | { readonly kind: "postgres"; readonly url: string };

/** A value of --outputs, `s3` where it has none. Throws ConfigurationError. */
export function parseOutputPlace(text: string): OutputPlace {
  if (text === "s3" || text === "kafka") {
    return { kind: text };
  }
  const topic = /^kafka:(.+)$/.exec(text)?.[1];
  if (topic !== undefined && isTopicName(topic)) {
    return { kind: "kafka", topic };
  }
  if (/^postgres(?:ql)?:\/\//.test(text)) {
    return { kind: "postgres", url: text };
  }
  throw new ConfigurationError(
    `--outputs ${quoteAddress(text)} is no output; expected s3, kafka, kafka:TOPIC or postgres://USER@HOST:PORT/DATABASE`,
  );
}
