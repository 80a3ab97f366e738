// Range message
//
// The payload of a processor's invocation: the range record as the scheduler
// last saw it, and where to connect first. Offsets travel as decimal strings.
//
// What the sender's newer code adds is ignored: while both functions are deployed one is
// older than the other, and of the record only the key is believed (AT5).

import * as z from "zod/mini";
import { ConfigurationError } from "../../core/errors.ts";
import type { RangeDispatch } from "../../core/ledger/range-dispatcher.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { assertRangeRecord, RANGE_STATUSES } from "../../core/range/range-record.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { DECIMAL_PATTERN } from "../offsets/decimal.ts";
import { shape } from "../offsets/wire-offset.ts";

const offset = z.codec(
  z
    .string("expected a decimal string")
    .check(z.regex(DECIMAL_PATTERN, "expected a decimal string without leading zeros")),
  z.bigint().check(z.lte(MAX_OFFSET)),
  {
    decode: (text) => BigInt(text),
    encode: (value) => value.toString(),
  },
);
const count = z.int().check(z.gte(0));
const timestamp = z.int().check(z.gte(0));
const text = z.string().check(z.minLength(1));

const attemptError = z.object({
  name: z.string(),
  message: z.string(),
  loss: z.exactOptional(
    z.discriminatedUnion("kind", [
      z.object({ kind: z.literal("deleted"), beginningOffset: offset }),
      z.object({ kind: z.enum(["truncated", "topicGone", "hole"]) }),
    ]),
  ),
  inHand: z.exactOptional(z.object({ fromOffset: offset, untilOffset: offset })),
});

const rangeRecord = z.object({
  // The key: all of it has to be known.
  chain: z.strictObject({
    pipeline: text,
    topicId: text,
    partition: count,
    requestId: z.exactOptional(text),
  }),
  topic: text,
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
    rejected: z.exactOptional(offset),
  }),
  attempt: count,
  failedAttempts: count,
  outages: z.exactOptional(count),
  batchId: z.string(),
  leaseCounter: count,
  lease: z.exactOptional(z.object({ owner: z.string(), counter: count, expiresAt: timestamp })),
  groupFrom: z.exactOptional(offset),
  adaptiveSize: z.exactOptional(offset),
  plannedAt: timestamp,
  dispatchedAt: z.exactOptional(timestamp),
  nextAttemptAt: z.exactOptional(timestamp),
  startedAt: z.exactOptional(timestamp),
  completedAt: z.exactOptional(timestamp),
  leaderEpoch: z.exactOptional(z.int()),
  error: z.exactOptional(attemptError),
  narrowed: z.exactOptional(
    z.object({ length: offset, suspectUntil: z.exactOptional(offset), blamed: z.exactOptional(count) }),
  ),
  quarantined: z.exactOptional(count),
  skipOffset: z.exactOptional(offset),
  operator: z.exactOptional(z.object({ by: z.string(), reason: z.string(), at: timestamp })),
  expiresAt: z.exactOptional(timestamp),
});

const rangeMessage = z.object(
  {
    kind: z.literal("range"),
    version: z.literal(1),
    record: rangeRecord,
    leader: z.exactOptional(
      z.object({
        nodeId: z.int(),
        host: text,
        port: z.int().check(z.gte(1), z.lte(65_535)),
        leaderEpoch: z.int(),
      }),
    ),
  },
  shape('{"kind": "range", "version": 1, "record", "leader"} as the scheduler sends it'),
);

const WRONG_EVENT = "the event is not a range message of version 1";

export function encodeRangeMessage(dispatch: RangeDispatch): string {
  return JSON.stringify(z.encode(rangeMessage, { kind: "range", version: 1, ...dispatch }));
}

/** Throws ConfigurationError that lists what is wrong with the event. */
export function decodeRangeMessage(event: unknown): RangeDispatch {
  const result = z.safeDecode(rangeMessage, event as z.input<typeof rangeMessage>, worded); // Checked by the decoding itself.
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
