/** A timer that fires this much late was held up by busy code; what it guards may have been answered meanwhile. */
const LATE_MS = 250;

/** How long the answer that arrived while code was busy may take to be seen. */
const GRACE_MS = 1_000;

/**
 * Calls `onDeadline` after `timeoutMs` unless the returned function is called
 * first. When the event loop was blocked past the deadline, it is given once more
 * a moment, since timers fire before the sockets are read.
 */
export function startDeadline(timeoutMs: number, onDeadline: () => void): () => void {
  const dueAt = performance.now() + timeoutMs;
  let timer = setTimeout(() => {
    if (performance.now() - dueAt > LATE_MS) {
      timer = setTimeout(onDeadline, GRACE_MS);
    } else {
      onDeadline();
    }
  }, timeoutMs);
  return () => clearTimeout(timer);
}
