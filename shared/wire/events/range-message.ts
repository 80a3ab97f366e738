// Range message
//
// The payload of a processor's invocation: the range record as the scheduler
// last saw it, and where to connect first. Offsets travel as decimal strings.
//
// What the sender's newer code adds is ignored: while both functions are deployed one is
// older than the other, and of the record only the key is believed (AT5).

import * as z from "zod";
import { ConfigurationError } from "../../core/errors.ts";
import type { RangeDispatch } from "../../core/ledger/range-dispatcher.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { assertRangeRecord, RANGE_STATUSES } from "../../core/range/range-record.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { DECIMAL_PATTERN } from "../offsets/decimal.ts";
import { shape } from "../offsets/wire-offset.ts";

const offset = z.codec(
  z.string("expected a decimal string").regex(DECIMAL_PATTERN, "expected a decimal string without leading zeros"),
  z.bigint().max(MAX_OFFSET),
  {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  },
);
const count = z.int().min(0);
const timestamp = z.int().min(0);

const attemptError = z.object({
  name: z.string(),
  message: z.string(),
  loss: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("deleted"), beginningOffset: offset }),
      z.object({ kind: z.enum(["truncated", "topicGone", "hole"]) }),
    ])
    .exactOptional(),
  inHand: z.object({ fromOffset: offset, untilOffset: offset }).exactOptional(),
});

const rangeRecord = z.object({
  // The key: all of it has to be known.
  chain: z.strictObject({
    pipeline: z.string().min(1),
    topicId: z.string().min(1),
    partition: count,
    requestId: z.string().min(1).exactOptional(),
  }),
  topic: z.string().min(1),
  partition: count,
  fromOffset: offset,
  untilOffset: offset,
  committedOffset: offset,
  status: z.enum(RANGE_STATUSES),
  revision: count,
  writeId: z.string(),
  counts: z.object({
    delivered: offset,
    aborted: offset,
    control: offset,
    bytes: offset,
    rejected: offset.exactOptional(),
  }),
  attempt: count,
  failedAttempts: count,
  outages: count.exactOptional(),
  batchId: z.string(),
  leaseCounter: count,
  lease: z.object({ owner: z.string(), counter: count, expiresAt: timestamp }).exactOptional(),
  groupFrom: offset.exactOptional(),
  adaptiveSize: offset.exactOptional(),
  plannedAt: timestamp,
  dispatchedAt: timestamp.exactOptional(),
  nextAttemptAt: timestamp.exactOptional(),
  startedAt: timestamp.exactOptional(),
  completedAt: timestamp.exactOptional(),
  leaderEpoch: z.int().exactOptional(),
  error: attemptError.exactOptional(),
  narrowed: z
    .object({ length: offset, suspectUntil: offset.exactOptional(), blamed: count.exactOptional() })
    .exactOptional(),
  quarantined: count.exactOptional(),
  skipOffset: offset.exactOptional(),
  operator: z.object({ by: z.string(), reason: z.string(), at: timestamp }).exactOptional(),
  expiresAt: timestamp.exactOptional(),
});

const rangeMessage = z.object(
  {
    kind: z.literal("range"),
    version: z.literal(1),
    record: rangeRecord,
    leader: z
      .object({
        nodeId: z.int(),
        host: z.string().min(1),
        port: z.int().min(1).max(65_535),
        leaderEpoch: z.int(),
      })
      .exactOptional(),
  },
  shape('{"kind": "range", "version": 1, "record", "leader"} as the scheduler sends it'),
);

const WRONG_EVENT = "the event is not a range message of version 1";

export function encodeRangeMessage(dispatch: RangeDispatch): string {
  return JSON.stringify(rangeMessage.encode({ kind: "range", version: 1, ...dispatch }));
}

/** Throws ConfigurationError that lists what is wrong with the event. */
export function decodeRangeMessage(event: unknown): RangeDispatch {
  const result = rangeMessage.safeDecode(event as z.input<typeof rangeMessage>, worded); // Checked by the decoding itself.
  if (!result.success) {
    throw new ConfigurationError(`${WRONG_EVENT}: ${listProblems(result.error, event)}`);
  }
  const { record, leader } = result.data;
  try {
    assertRangeRecord(record);
  } catch (cause) {
    throw new ConfigurationError(`${WRONG_EVENT}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
  return leader === undefined ? { record } : { record, leader };
}
