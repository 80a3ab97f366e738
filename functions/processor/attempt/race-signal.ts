import { DeadlineError } from "../../../shared/core/errors.ts";

/** What the work comes to; DeadlineError once the signal fires, at once where it has fired already. */
export async function raceSignal<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new DeadlineError("the invocation's time is used up"));
  if (signal.aborted) {
    onAbort();
    return promise;
  }
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([work(), promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
