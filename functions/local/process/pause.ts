import { setTimeout as delay } from "node:timers/promises";

/** Waits, or until the signal says that there is no point in it. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
