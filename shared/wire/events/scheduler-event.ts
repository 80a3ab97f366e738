// Scheduler event
//
// What the scheduler function accepts: the schedule's tick, a run of a drain, a
// request to reprocess, or the on-failure record of a Lambda event source mapping as it is.
//
//   SV1  What is none of these is refused, so that a slip of the pen is never taken for
//        a tick: an empty event too, and that of a rule or a schedule that has no input of
//        its own, for nothing in it says that it is meant for this function.
//   SV2  An event is decoded whole: no field of it is ignored, at any depth. Only the
//        on-failure record may have more, since AWS adds to it.

import * as z from "zod/mini";
import { listNames, showName } from "../../core/bounded-text.ts";
import { ConfigurationError } from "../../core/errors.ts";
import type { ReprocessPayload } from "../../core/ledger/reprocess-request.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { shape } from "../offsets/wire-offset.ts";
import { type DrainPayload, decodeDrainPayload } from "./drain-payload.ts";
import { isOnFailureRecord } from "./on-failure-record.ts";
import { decodeReprocessPayload } from "./reprocess-payload.ts";

export type SchedulerEvent =
  /** A dry run answers what a run would do, and writes nothing. */
  | { readonly kind: "tick"; readonly isDryRun?: boolean }
  | { readonly kind: "drain"; readonly drain: DrainPayload }
  | { readonly kind: "reprocess"; readonly reprocess: ReprocessPayload };

/** What the schedule sends. */
export const TICK_EVENT = { tick: {} } as const;

const tickEvent = z.strictObject({
  tick: z.strictObject({ dryRun: z.exactOptional(z.boolean()) }, shape('{}, or {"dryRun": true}')),
});

const EXPECTED = `${JSON.stringify(TICK_EVENT)}, {"drain": {…}}, {"reprocess": {…}}, or the on-failure record of an event source mapping, alone`;

/** Throws ConfigurationError that says what is wrong with the event. */
export function decodeSchedulerEvent(event: unknown): SchedulerEvent {
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    throw new ConfigurationError(`the event is not an object; expected ${EXPECTED}`);
  }
  if (isOnFailureRecord(event)) {
    requireNoRequest(event);
    return { kind: "reprocess", reprocess: decodeReprocessPayload({ onFailureRecord: event }) };
  }
  const { tick, drain, reprocess } = requireOne(event);
  if (tick !== undefined) {
    return decodeTick(event);
  }
  return drain === undefined
    ? { kind: "reprocess", reprocess: decodeReprocessPayload(reprocess) }
    : { kind: "drain", drain: decodeDrainPayload(drain) };
}

interface Kinds {
  readonly tick?: unknown;
  readonly drain?: unknown;
  readonly reprocess?: unknown;
}

const KINDS: ReadonlySet<string> = new Set<keyof Kinds>(["tick", "drain", "reprocess"]);

/** One of both would be ignored: what AWS adds to its record is no request of ours. */
function requireNoRequest(event: object): void {
  const requests = Object.keys(event).filter((name) => KINDS.has(name));
  if (requests.length > 0) {
    throw new ConfigurationError(
      `the event is an on-failure record with ${listNames(requests)} beside it: send one of them; expected ${EXPECTED}`,
    );
  }
}

/** Exactly one kind of event, and nothing beside it. */
function requireOne(event: object): Kinds {
  const names = Object.keys(event);
  if (names.length === 0) {
    throw new ConfigurationError(`the event is empty; expected ${EXPECTED}`);
  }
  const strangers = names.filter((name) => !KINDS.has(name));
  // Of two kinds the request is what was meant, and the other is too much.
  const unknown = strangers.length > 0 || names.length === 1 ? strangers : names.filter((name) => name !== "reprocess");
  if (unknown.length > 0) {
    throw new ConfigurationError(
      `the event has the unknown fields ${listNames(unknown.map(showName))}; expected ${EXPECTED}`,
    );
  }
  return event;
}

function decodeTick(event: object): SchedulerEvent {
  const result = tickEvent.safeParse(event, worded);
  if (!result.success) {
    throw new ConfigurationError(`the event is no tick: ${listProblems(result.error, event)}`);
  }
  return result.data.tick.dryRun === true ? { kind: "tick", isDryRun: true } : { kind: "tick" };
}
