import { ATTEMPT_BACKOFF_BASE_MS, ATTEMPT_BACKOFF_CAP_MS } from "./limits.ts";

/**
 * Full jitter: uniform in [0, min(cap, base * 2^(failures - 1))).
 * `random` is uniform in [0, 1). Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
 */
export function backoffMs(failures: number, random: number): number {
  // Beyond 2^30 the cap is reached for any base of a millisecond or more.
  const doublings = Math.min(Math.max(failures - 1, 0), 30);
  const ceiling = Math.min(ATTEMPT_BACKOFF_CAP_MS, ATTEMPT_BACKOFF_BASE_MS * 2 ** doublings);
  return Math.floor(random * ceiling);
}
