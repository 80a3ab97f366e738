export interface Backoff {
  /** The longest first pause, in milliseconds; each further one is at most twice as long. */
  readonly baseMs: number;
  /** The longest pause of all, in milliseconds. */
  readonly capMs: number;
  /** Pauses before this one. */
  readonly pauses: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Anything from no time to the longest that the backoff has, so that callers who collided do not come again together. */
export async function pauseWithFullJitter({ baseMs, capMs, pauses, random }: Backoff): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setTimeout(resolve, random() * Math.min(capMs, baseMs * 2 ** pauses));
  await promise;
}
