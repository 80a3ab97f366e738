// Scheduler event
//
// What the scheduler function accepts: the schedule's tick, whatever it carries,
// or a request to reprocess exact ranges.

import { z } from "zod";
import { ConfigurationError } from "../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../core/ledger-name.ts";
import { MAX_OFFSET, type OffsetRange } from "../core/offset-range.ts";
import { isTopicName, MAX_PARTITION } from "../core/topic-partition.ts";
import { listProblems } from "./list-problems.ts";

export interface ReprocessPayload {
  readonly requestId: string;
  readonly ranges: readonly OffsetRange[];
}

export type SchedulerEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "reprocess"; readonly reprocess: ReprocessPayload };

/** Offsets are decimal strings; a JSON integer is taken while it is exact. */
const offset = z.unknown().transform((value, context) => {
  const isExact = typeof value === "string" ? /^\d{1,19}$/.test(value) : Number.isSafeInteger(value);
  const parsed = isExact ? BigInt(value as string | number) : -1n; // What it is was checked the line before.
  if (parsed < 0n || parsed > MAX_OFFSET) {
    context.addIssue(`expected an offset from 0 to ${MAX_OFFSET} as a decimal string`);
    return z.NEVER;
  }
  return parsed;
});

const topic = "expected a legal Kafka topic name: up to 249 letters, digits, dots, hyphens or underscores";
const partition = `expected a whole number from 0 to ${MAX_PARTITION}`;
const requestId = `expected ${LEDGER_NAME_RULE}`;

const reprocessRange = z.strictObject(
  {
    topic: z.string(topic).refine(isTopicName, topic),
    partition: z.int(partition).min(0, partition).max(MAX_PARTITION, partition),
    fromOffset: offset,
    untilOffset: offset,
  },
  shape('{"topic", "partition", "fromOffset", "untilOffset"}'),
);

const reprocessPayload = z.strictObject(
  {
    requestId: z.string(requestId).refine(isLedgerName, requestId),
    ranges: z.array(reprocessRange, "expected at least one range").min(1, "expected at least one range"),
  },
  shape('{"requestId", "ranges"}'),
);

/** What an object should have been; its unknown fields are reported by themselves. */
function shape(fields: string) {
  return {
    error: ({ code }: { readonly code: string }) => (code === "invalid_type" ? `expected ${fields}` : undefined),
  };
}

/** Throws ConfigurationError that names every wrong field of a reprocess payload. */
export function decodeSchedulerEvent(event: unknown): SchedulerEvent {
  if (typeof event !== "object" || event === null || !("reprocess" in event)) {
    return { kind: "tick" };
  }
  const others = Object.keys(event).filter((key) => key !== "reprocess");
  if (others.length > 0) {
    throw new ConfigurationError(`the reprocess event has the unknown fields ${others.join(", ")}; remove them`);
  }
  const result = reprocessPayload.safeParse(event.reprocess);
  if (!result.success) {
    throw new ConfigurationError(`the reprocess payload is wrong: ${listProblems(result.error, event.reprocess)}`);
  }
  return { kind: "reprocess", reprocess: result.data };
}
