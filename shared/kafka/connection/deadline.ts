/** A timer that fires this much late was held up by busy code; what it guards may have been answered meanwhile. */
const LATE_MS = 250;

/** How long the answer that arrived while code was busy may take to be seen. */
const GRACE_MS = 1_000;

/** Node takes a longer time for one of 1 ms. Kafka's settings go as far, and what is added to them goes beyond. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Calls `onDeadline` after `timeoutMs` unless the returned function is called
 * first. When the event loop was blocked past the deadline, it is given once more
 * a moment, since timers fire before the sockets are read.
 */
export function startDeadline(timeoutMs: number, onDeadline: () => void): () => void {
  const timerMs = Math.min(timeoutMs, MAX_TIMER_MS);
  const dueAt = performance.now() + timerMs;
  let timer = setTimeout(() => {
    if (performance.now() - dueAt > LATE_MS) {
      timer = setTimeout(onDeadline, GRACE_MS);
    } else {
      onDeadline();
    }
  }, timerMs);
  return () => clearTimeout(timer);
}
