// Processor event
//
// What the processor function accepts: the scheduler's dispatch of a range, or one
// range that somebody wants reprocessed in this very invocation.

import * as z from "zod/mini";
import { ConfigurationError } from "../../core/errors.ts";
import type { RangeDispatch } from "../../core/ledger/range-dispatcher.ts";
import type { ReprocessPayload } from "../../core/ledger/reprocess-request.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { shape, wireRange } from "../offsets/wire-offset.ts";
import { decodeRangeMessage } from "./range-message.ts";
import { decodeReprocessPayload, wireRequestId } from "./reprocess-payload.ts";

export type ProcessorEvent =
  | { readonly kind: "dispatch"; readonly dispatch: RangeDispatch }
  | { readonly kind: "direct"; readonly payload: ReprocessPayload };

const directEvent = z.strictObject(
  { requestId: wireRequestId, range: wireRange },
  shape('{"requestId", "range": {"topic", "partition", "fromOffset", "untilOffset"}}'),
);

/** Throws ConfigurationError that lists what is wrong with the event. */
export function decodeProcessorEvent(event: unknown): ProcessorEvent {
  const isDirect = typeof event === "object" && event !== null && ("range" in event || "requestId" in event);
  if (!isDirect) {
    return { kind: "dispatch", dispatch: decodeRangeMessage(event) };
  }
  const result = directEvent.safeParse(event, worded);
  if (!result.success) {
    throw new ConfigurationError(`the event is no request to process one range: ${listProblems(result.error, event)}`);
  }
  const { requestId, range } = event as { readonly requestId: string; readonly range: object }; // Checked just before.
  return { kind: "direct", payload: decodeReprocessPayload({ requestId, ranges: [range] }) };
}
