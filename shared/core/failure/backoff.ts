import { ATTEMPT_BACKOFF_BASE_MS, ATTEMPT_BACKOFF_CAP_MS } from "../limits.ts";

/**
 * Equal jitter, uniform in [c / 2, c) of c = min(cap, base * 2^(outages - 1)): what an outage lasts at least is then
 * known of the number of attempts. `random` is uniform in [0, 1). Same source.
 */
export function outageBackoffMs(outages: number, random: number): number {
  return Math.floor(((1 + random) / 2) * ceilingMs(outages));
}

/**
 * Full jitter: uniform in [0, min(cap, base * 2^(failures - 1))).
 * `random` is uniform in [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(failures: number, random: number): number {
  return Math.floor(random * ceilingMs(failures));
}

function ceilingMs(failures: number): number {
  // Beyond 2^30 the cap is reached for any base of a millisecond or more.
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  return Math.min(ATTEMPT_BACKOFF_CAP_MS, ATTEMPT_BACKOFF_BASE_MS * 2 ** doublings);
}
