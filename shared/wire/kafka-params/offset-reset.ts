// Offset reset
//
// `auto.offset.reset` as Kafka 4 takes it: where a consumer begins that has no offset yet.

/** In milliseconds; longer ones no log holds. */
const MAX_DURATION_MS = 3_155_760_000_000;

export type OffsetReset =
  | { readonly kind: "earliest" | "latest" | "none" }
  /** The first record that is not older than this. */
  | { readonly kind: "duration"; readonly durationMs: number };

/** As java.time.Duration reads it, without signs: days, hours, minutes and seconds. */
const DURATION = /^P(?:(\d{1,9})D)?(?:T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,12})(?:\.(\d{1,9}))?S)?)?$/i;

/** Undefined for what Kafka refuses too. */
export function readOffsetReset(value: string): OffsetReset | undefined {
  if (value === "earliest" || value === "latest" || value === "none") {
    return { kind: value };
  }
  const [, duration = ""] = /^by_duration:(.*)$/s.exec(value) ?? [];
  const durationMs = readDuration(duration);
  return durationMs === undefined ? undefined : { kind: "duration", durationMs };
}

function readDuration(text: string): number | undefined {
  const parts = DURATION.exec(text);
  if (parts === null || /[PT]$/i.test(text)) {
    return undefined;
  }
  const [, days = 0, hours = 0, minutes = 0, seconds = 0, fraction = ""] = parts;
  const ms = Math.floor(Number(`0.${fraction || 0}`) * 1_000);
  const whole = ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds);
  const durationMs = whole * 1_000 + ms;
  return durationMs > MAX_DURATION_MS ? undefined : durationMs;
}
