// Well-known values: types that come with Protobuf, Kafka Connect and Google's APIs, as texts and as numbers.

import { MAX_DECIMAL_BYTES, MAX_DECIMAL_SCALE } from "../../schemas/limits.ts";
import { bigintOf } from "./long-values.ts";

interface Moment {
  /** Whole, and the rest of it. */
  readonly seconds: bigint;
  readonly nanos: number;
}

const NANOS_PER_SECOND = 1_000_000_000;
/** Of Protobuf's own definition: the years 1 to 9999. */
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;

/** RFC 3339, with 0, 3, 6 or 9 digits behind the point. Throws RangeError. */
export function timestampText(message: unknown): string {
  const { seconds, nanos } = requireMoment(message);
  return new Date(Number(seconds) * 1000).toISOString().replace(/\.000Z$/, `${fraction(nanos)}Z`);
}

export const NANOS_PER_UNIT = { MILLIS: 1_000_000, MICROS: 1_000, NANOS: 1 } as const;

/** Since the epoch; what is smaller than the unit is cut off. Throws RangeError. */
export function timestampNumber(message: unknown, unit: keyof typeof NANOS_PER_UNIT): bigint {
  const { seconds, nanos } = requireMoment(message);
  const perUnit = NANOS_PER_UNIT[unit];
  const units = seconds * BigInt(NANOS_PER_SECOND / perUnit) + BigInt(Math.floor(nanos / perUnit));
  if (BigInt.asIntN(64, units) !== units) {
    throw new RangeError(
      `${timestampText(message)}, which 64 bits of nanoseconds do not reach; give protobufColumns timestamps: "micros"`,
    );
  }
  return units;
}

/** Seconds, as "-1.500s". */
export function durationText(message: unknown): string {
  const { seconds, nanos } = momentOf(message);
  const sign = seconds < 0n || nanos < 0 ? "-" : "";
  return `${sign}${seconds < 0n ? -seconds : seconds}${fraction(Math.abs(nanos))}s`;
}

/** Of google.type.Date, as 2026-11-29. Throws RangeError for one that is no whole date. */
export function dateText(message: unknown): string {
  const { year, month, day } = message as Readonly<Record<"day" | "month" | "year", number>>; // Its fields, with defaults.
  const text = [year, month, day].map((part, index) => String(part).padStart(index === 0 ? 4 : 2, "0")).join("-");
  const moment = new Date(`${text}T00:00:00Z`);
  if (!(year >= 1 && year <= 9999) || Number.isNaN(moment.getTime()) || moment.getUTCDate() !== day) {
    throw new RangeError(`${text}, which is no whole date; write records of such by jsonLines({ line: protobufLine })`);
  }
  return text;
}

/** Of confluent.type.Decimal: a two's complement, big-endian, of units of 10^-scale. */
export function decimalText(message: unknown): string {
  const { value, scale } = message as { readonly value: Uint8Array; readonly scale: number }; // Its fields, with defaults.
  if (value.length > MAX_DECIMAL_BYTES || Math.abs(scale) > MAX_DECIMAL_SCALE) {
    throw new RangeError(
      `a decimal of ${value.length} bytes and the scale ${scale}; at most ${MAX_DECIMAL_BYTES} and ${MAX_DECIMAL_SCALE} are taken`,
    );
  }
  const hex = Buffer.from(value).toString("hex");
  const units = hex === "" ? 0n : BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`));
  if (scale <= 0) {
    return String(units * 10n ** BigInt(-scale));
  }
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, "0");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

function requireMoment(message: unknown): Moment {
  const moment = momentOf(message);
  const { seconds, nanos } = moment;
  if (seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos >= NANOS_PER_SECOND) {
    throw new RangeError(
      `${seconds} seconds and ${nanos} nanoseconds, which is none of the years 1 to 9999; mend the code that writes it`,
    );
  }
  return moment;
}

function momentOf(message: unknown): Moment {
  const { seconds, nanos } = message as { readonly seconds: unknown; readonly nanos: number }; // Its fields, with defaults.
  return { seconds: bigintOf(seconds), nanos };
}

function fraction(nanos: number): string {
  const digits = String(nanos)
    .padStart(9, "0")
    .replace(/(?:000){1,3}$/, "");
  return digits === "" ? "" : `.${digits}`;
}
