import { z } from "zod";
import { MAX_OFFSET, type OffsetRange } from "../core/offset-range.ts";
import { isTopicName, MAX_PARTITION } from "../core/topic-partition.ts";

/** Offsets are decimal strings; a JSON integer is taken while it is exact. */
export const wireOffset = z.unknown().transform((value, context) => {
  const isExact = typeof value === "string" ? /^\d{1,19}$/.test(value) : Number.isSafeInteger(value);
  const parsed = isExact ? BigInt(value as string | number) : -1n; // What it is was checked the line before.
  if (parsed < 0n || parsed > MAX_OFFSET) {
    context.addIssue(`expected an offset from 0 to ${MAX_OFFSET} as a decimal string`);
    return z.NEVER;
  }
  return parsed;
});

const topicRule = "expected a legal Kafka topic name: up to 249 letters, digits, dots, hyphens or underscores";
const partitionRule = `expected a whole number from 0 to ${MAX_PARTITION}`;

export const wireTopic = z.string(topicRule).refine(isTopicName, topicRule);
export const wirePartition = z.int(partitionRule).min(0, partitionRule).max(MAX_PARTITION, partitionRule);

export const wireRange: z.ZodType<OffsetRange> = z.strictObject(
  { topic: wireTopic, partition: wirePartition, fromOffset: wireOffset, untilOffset: wireOffset },
  shape('{"topic", "partition", "fromOffset", "untilOffset"}'),
);

/** What an object should have been; its unknown fields are reported by themselves. */
export function shape(fields: string) {
  return {
    error: ({ code }: { readonly code: string }) => (code === "invalid_type" ? `expected ${fields}` : undefined),
  };
}
