/** RFC 3339, as `format: "date-time"` has it. */
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;
const MINUTE_MS = 60_000;
const MICROS_PER_MS = 1_000n;

/** Microseconds since the epoch; further digits are cut off. Undefined for what is no time. */
export function microsOf(text: string): bigint | undefined {
  const found = DATE_TIME.exec(text);
  if (found === null) {
    return undefined;
  }
  const [, date = "", minutes = "", second = "", digits = "", sign = "+", hours = "0", rest = "0"] = found;
  // A leap second is the first of the next minute, as most systems count.
  const seconds = second === "60" ? 59 : Number(second);
  const moment = Date.parse(`${date}T${minutes}:${String(seconds).padStart(2, "0")}Z`);
  // What the calendar has not, as a 31st of February, would be a day of the next month.
  if (Number.isNaN(moment) || new Date(moment).getUTCDate() !== Number(date.slice(-2))) {
    return undefined;
  }
  const offsetMs = (Number(hours) * 60 + Number(rest)) * MINUTE_MS * (sign === "-" ? -1 : 1);
  const millis = BigInt(moment - offsetMs + (second === "60" ? 1_000 : 0));
  return millis * MICROS_PER_MS + BigInt(digits.padEnd(6, "0").slice(0, 6));
}

const DAY_MS = 86_400_000;

/** Days since the epoch, of a text as 2026-11-28. Undefined for what is no day of the calendar. */
export function dayOf(text: string): number | undefined {
  const moment = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return new Date(moment).toJSON()?.startsWith(text) === true ? moment / DAY_MS : undefined;
}
