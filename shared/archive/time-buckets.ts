// Time buckets
//
// Which fields of a calendar a moment has in a time zone. Moments of one minute have the
// same, so that a minute is looked up once.

import { ConfigurationError } from "../core/errors.ts";

export interface TimeFields {
  /** `2026-11-28`. */
  readonly date: string;
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** From `00` to `23`. */
  readonly hour: string;
  readonly minute: string;
}

/** Fields of a moment, in milliseconds since the epoch, that a calendar has. */
export type TimeBuckets = (moment: number) => TimeFields;

const MINUTE_MS = 60_000;
/** The last moment of the year 9999. */
const MAX_MOMENT = 253_402_300_799_999n;

/** Undefined for what producers write where they know no time, and for what is none. */
export function momentOf(timestamp: bigint | undefined): number | undefined {
  return timestamp === undefined || timestamp < 0n || timestamp > MAX_MOMENT ? undefined : Number(timestamp);
}

/** The number of the bucket's minute: what two moments share whose fields are the same. */
export function minuteOf(moment: number): number {
  return Math.floor(moment / MINUTE_MS);
}

/** Throws ConfigurationError for a name that is no time zone of the IANA database. */
export function createTimeBuckets(timeZone: string): TimeBuckets {
  const format = openFormat(timeZone);
  return (moment) => {
    const parts = Object.fromEntries(format.formatToParts(moment).map(({ type, value }) => [type, value]));
    const { year = "", month = "", day = "", hour = "", minute = "" } = parts;
    const fullYear = year.padStart(4, "0");
    return { date: `${fullYear}-${month}-${day}`, year: fullYear, month, day, hour, minute };
  };
}

function openFormat(timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat("en-CA", {
      timeZone,
      calendar: "iso8601",
      numberingSystem: "latn",
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
    });
  } catch (cause) {
    throw new ConfigurationError(
      `timeZone ${JSON.stringify(timeZone)} is no time zone; give a name of the IANA database, as Europe/Berlin, or UTC`,
      { cause },
    );
  }
}
