// Scheduler event
//
// What the scheduler function accepts: the schedule's tick, a run of a drain, a
// request to reprocess, or the on-failure record of a Lambda event source mapping as it is.
// What is none of these is refused, so that a slip of the pen is never taken for
// a tick.

import { ConfigurationError } from "../core/errors.ts";
import type { ReprocessPayload } from "../core/reprocess-request.ts";
import { type DrainPayload, decodeDrainPayload } from "./drain-payload.ts";
import { isOnFailureRecord } from "./on-failure-record.ts";
import { decodeReprocessPayload } from "./reprocess-payload.ts";

export type SchedulerEvent =
  | { readonly kind: "tick" }
  | { readonly kind: "drain"; readonly drain: DrainPayload }
  | { readonly kind: "reprocess"; readonly reprocess: ReprocessPayload };

/** What the schedule sends. */
export const TICK_EVENT = { tick: {} } as const;

const EXPECTED = `${JSON.stringify(TICK_EVENT)}, {"drain": {…}}, {"reprocess": {…}}, or the on-failure record of an event source mapping`;

/** The fields of the events that EventBridge's schedules and scheduled rules send by default. */
const ENVELOPE_FIELDS: ReadonlySet<string> = new Set([
  "version",
  "id",
  "detail-type",
  "source",
  "account",
  "time",
  "region",
  "resources",
  "detail",
]);

const ENVELOPE_SOURCES: ReadonlySet<unknown> = new Set(["aws.scheduler", "aws.events"]);

/** Throws ConfigurationError that says what is wrong with the event. */
export function decodeSchedulerEvent(event: unknown): SchedulerEvent {
  if (event === undefined || event === null) {
    return { kind: "tick" };
  }
  if (typeof event !== "object" || Array.isArray(event)) {
    throw new ConfigurationError(`the event is not an object; expected ${EXPECTED}`);
  }
  if (isOnFailureRecord(event)) {
    return { kind: "reprocess", reprocess: decodeReprocessPayload({ onFailureRecord: event }) };
  }
  const names = Object.keys(event);
  if (isTick(event, names)) {
    return { kind: "tick" };
  }
  if (names.length === 1 && "drain" in event) {
    return { kind: "drain", drain: decodeDrainPayload(event.drain) };
  }
  const others = names.filter((name) => name !== "reprocess");
  if (!("reprocess" in event) || others.length > 0) {
    throw new ConfigurationError(`the event has the unknown fields ${others.join(", ")}; expected ${EXPECTED}`);
  }
  return { kind: "reprocess", reprocess: decodeReprocessPayload(event.reprocess) };
}

/** By hand an event is often empty; nobody means anything else by it. */
function isTick(event: object, names: readonly string[]): boolean {
  const isEnvelope = "source" in event && ENVELOPE_SOURCES.has(event.source);
  return isEnvelope ? names.every((name) => ENVELOPE_FIELDS.has(name)) : names.every((name) => name === "tick");
}
