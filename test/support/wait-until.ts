import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;

/** Waits for a condition; throws, naming it, when it does not hold by the deadline. */
export async function waitUntil(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs: number,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  while (!(await condition())) {
    if (Date.now() > deadline) {
      throw new Error(`waited ${deadlineMs} ms in vain until ${what}`);
    }
    await delay(POLL_MS);
  }
}
