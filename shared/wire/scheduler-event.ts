// Scheduler event
//
// What the scheduler function accepts: the schedule's tick, whatever it carries,
// or a request to reprocess exact ranges.

import { z } from "zod";
import { ConfigurationError } from "../core/errors.ts";
import { isLedgerName, LEDGER_NAME_RULE } from "../core/ledger-name.ts";
import { MAX_OFFSET, type OffsetRange } from "../core/offset-range.ts";
import { isTopicName } from "../core/topic-partition.ts";

export interface ReprocessPayload {
  readonly requestId: string;
  readonly ranges: readonly OffsetRange[];
}

export type SchedulerEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "reprocess"; readonly reprocess: ReprocessPayload };

/** Offsets are decimal strings; a JSON integer is taken while it is exact. */
const offset = z
  .union([z.string().regex(/^\d{1,19}$/, "expected a decimal string"), z.int().min(0)])
  .transform((value) => BigInt(value))
  .refine((value) => value <= MAX_OFFSET, `at most ${MAX_OFFSET}`);

const reprocessPayload = z.strictObject({
  requestId: z.string().refine(isLedgerName, `expected ${LEDGER_NAME_RULE}`),
  ranges: z
    .array(
      z.strictObject({
        topic: z.string().refine(isTopicName, "not a legal Kafka topic name"),
        partition: z.int().min(0).max(2_147_483_647),
        fromOffset: offset,
        untilOffset: offset,
      }),
    )
    .min(1),
});

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
    throw new ConfigurationError(`the reprocess payload is wrong: ${z.prettifyError(result.error)}`);
  }
  return { kind: "reprocess", reprocess: result.data };
}
