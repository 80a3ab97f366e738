import { RangeReadError } from "../../core/errors.ts";
import { startDeadline } from "./deadline.ts";

export interface Interruption {
  /** What is waited for, as the beginning of a sentence. */
  readonly what: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Waits for work that cannot be told to stop: no longer than the time-out, and not past an abort. */
export async function interruptible<Result>(
  work: Promise<Result>,
  { what, timeoutMs, signal }: Interruption,
): Promise<Result> {
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal?.reason);
  if (signal?.aborted === true) {
    onAbort();
  }
  signal?.addEventListener("abort", onAbort, { once: true });
  const stopDeadline = startDeadline(timeoutMs, () =>
    reject(new RangeReadError(`${what} took longer than ${timeoutMs} ms`)),
  );
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    stopDeadline();
    signal?.removeEventListener("abort", onAbort);
  }
}
