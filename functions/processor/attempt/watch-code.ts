// Watch code
//
// Whether the pipeline's code is still running when its range has been handed back.
// An invocation that returned meanwhile would freeze it, and a later one thaw it: what
// it then writes lands after a newer attempt's, what it throws ends another range.
//
//   WC1  An invocation does not return before the code that it began has settled. Code
//        that never does is ended with its environment, by the function's time-out.

import type { ProcessFunction } from "../session/processing-range.ts";

export interface WatchedCode<Output> {
  readonly process: ProcessFunction<Output>;
  readonly isRunning: boolean;
  /** Resolves once nothing runs that `process` began. */
  settled(): Promise<void>;
}

/** For one invocation. */
export function watchCode<Output>(process: ProcessFunction<Output>): WatchedCode<Output> {
  const running = new Set<Promise<unknown>>();
  return {
    process: async (range) => {
      const run = (async () => process(range))();
      running.add(run);
      try {
        return await run;
      } finally {
        running.delete(run);
      }
    },
    get isRunning() {
      return running.size > 0;
    },
    settled: async () => void (await Promise.allSettled(running)),
  };
}

/** Returns at once where the code has settled; `beforeWaiting` comes first where it may be the last that is done. */
export async function outliveCode(
  code: Pick<WatchedCode<unknown>, "isRunning" | "settled">,
  beforeWaiting: () => void,
): Promise<void> {
  if (code.isRunning) {
    beforeWaiting();
    await code.settled();
  }
}
