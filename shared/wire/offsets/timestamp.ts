// Timestamp
//
// A point in time as people give it: milliseconds since the epoch, as Kafka counts, or
// ISO 8601 with a zone. Numbers of another unit are told by their size: in seconds
// every record would be newer, in microseconds every one older.

import * as z from "zod/mini";
import { cutText } from "../../core/bounded-text.ts";
import { MAX_OFFSET } from "../../core/range/offset-range.ts";
import { DECIMAL_RULE, readDecimal } from "./decimal.ts";

export type ReadTimestamp =
  /** In ms since the epoch. */
  | { readonly kind: "read"; readonly value: bigint }
  /** `why` says what it is instead: `in seconds; in milliseconds it is 1700000000000`. */
  | { readonly kind: "refused"; readonly why: string };

export const TIMESTAMP_RULE = "ms since the epoch, or ISO 8601 with a zone such as 2026-01-01T00:00:00Z";

/** Throws nothing: a number that is not whole, and a Date that is none, are refused. */
export function readTimestamp(value: string | number | bigint | Date): ReadTimestamp {
  if (typeof value === "string") {
    return readText(value);
  }
  const ms = value instanceof Date ? value.getTime() : value;
  const isWhole = typeof ms === "bigint" || (Number.isSafeInteger(ms) && !Object.is(ms, -0));
  return isWhole && ms >= 0 && ms <= MAX_OFFSET ? plausible(BigInt(ms)) : refused(NO_TIMESTAMP);
}

const NO_TIMESTAMP = `not a timestamp (${TIMESTAMP_RULE})`;

/** Date, time, seconds, fraction, zone: also as `date -Is` and `date +%FT%T%z` write them. */
const ISO_8601 = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?$/;

function readText(text: string): ReadTimestamp {
  if (/^\d+$/.test(text)) {
    const ms = readDecimal(text);
    return ms === undefined ? refused(`not a whole number from 0 to ${MAX_OFFSET} ${DECIMAL_RULE}`) : plausible(ms);
  }
  const [, date, time, seconds = "00", fraction = "", zone] = ISO_8601.exec(text) ?? [];
  if (zone === undefined) {
    const hint =
      date === undefined ? NO_TIMESTAMP : `without a zone; say ${cutText(text)}Z for UTC, or +02:00 and so on`;
    return refused(hint);
  }
  if (/[1-9]/.test(fraction.slice(3))) {
    return refused("finer than a millisecond, as no timestamp of a record is");
  }
  const offset = zone === "Z" ? zone : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  const canonical = `${date}T${time}:${seconds}.${fraction.slice(0, 3).padEnd(3, "0")}${offset}`;
  const ms = z.iso.datetime({ offset: true }).safeParse(canonical).success ? Date.parse(canonical) : Number.NaN;
  if (!(ms >= 0)) {
    return refused("no date and time since 1970 that there is");
  }
  // Written as a number it would be refused: what is read has to be writable.
  return isWithin(SECONDS, BigInt(ms))
    ? refused("earlier than any record is; say 1970-01-01T00:00:00Z for the first one")
    : { kind: "read", value: BigInt(ms) };
}

/** In ms: within the first days of 1970 up to 1973, before there were records. In seconds: 1973 to 5138. */
const SECONDS = { from: 100_000_000n, below: 100_000_000_000n };
/** In ms: beyond the year 9999. In microseconds from 1979 on, in nanoseconds up to 2255; what is above is meant to be beyond every record. */
const MICROSECONDS = { from: 300_000_000_000_000n, below: 100_000_000_000_000_000n };
const NANOSECONDS = { from: 100_000_000_000_000_000n, below: 9_000_000_000_000_000_000n };

function isWithin({ from, below }: typeof SECONDS, value: bigint): boolean {
  return value >= from && value < below;
}

function plausible(ms: bigint): ReadTimestamp {
  if (isWithin(SECONDS, ms)) {
    return refused(`in seconds; in milliseconds it is ${ms * 1_000n}`);
  }
  if (isWithin(MICROSECONDS, ms)) {
    return refused(`in microseconds; in milliseconds it is ${ms / 1_000n}`);
  }
  return isWithin(NANOSECONDS, ms)
    ? refused(`in nanoseconds; in milliseconds it is ${ms / 1_000_000n}`)
    : { kind: "read", value: ms };
}

function refused(why: string): ReadTimestamp {
  return { kind: "refused", why };
}
