import * as z from "zod/mini";
import { MAX_OFFSET, type OffsetRange } from "../../core/range/offset-range.ts";
import { isTopicName, MAX_PARTITION } from "../../core/range/topic-partition.ts";
import { readDecimal } from "./decimal.ts";

/** Offsets are decimal strings; a JSON integer is taken while it is exact. */
export const wireOffset = z.pipe(
  z.unknown(),
  z.transform((value, context) => {
    const offset = typeof value === "string" ? readDecimal(value) : exactInteger(value);
    if (offset === undefined) {
      const message = `expected an offset from 0 to ${MAX_OFFSET} as a decimal string without leading zeros`;
      context.issues.push({ code: "custom", message, input: value });
      return z.NEVER;
    }
    return offset;
  }),
);

function exactInteger(value: unknown): bigint | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && isPositive(value) ? BigInt(value) : undefined;
}

/** Zero is; JSON's `-0` is not. */
function isPositive(value: number): boolean {
  return value >= 0 && !Object.is(value, -0);
}

const TOPIC_RULE = "expected a legal Kafka topic name: up to 249 letters, digits, dots, hyphens or underscores";
const PARTITION_RULE = `expected a whole number from 0 to ${MAX_PARTITION}`;

export const wireTopic = z.string(TOPIC_RULE).check(z.refine(isTopicName, TOPIC_RULE));
export const wirePartition = z
  .int(PARTITION_RULE)
  .check(z.refine((partition) => isPositive(partition) && partition <= MAX_PARTITION, PARTITION_RULE));

export const wireRange: z.ZodMiniType<OffsetRange> = z.strictObject(
  { topic: wireTopic, partition: wirePartition, fromOffset: wireOffset, untilOffset: wireOffset },
  shape('{"topic", "partition", "fromOffset", "untilOffset"}'),
);

/** What an object should have been; its unknown fields are reported by themselves. */
export function shape(fields: string) {
  return {
    error: ({ code }: { readonly code: string }) => (code === "invalid_type" ? `expected ${fields}` : undefined),
  };
}
