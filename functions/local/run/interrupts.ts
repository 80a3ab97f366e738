// Interrupts
//
// What Ctrl-C does to a run: the first one lets it come to its end early, the second
// ends it at once, and leaves neither a process nor a folder behind.
//
//   IN1  A terminal signals each process in its foreground, and npm passes on what it is
//        signalled: what comes at the same moment is one keystroke.

import { rmSync } from "node:fs";
import { killSupervised } from "../process/supervised-process.ts";

/** What a shell reports for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;
/** Signals within so many ms are one. */
const SAME_KEYSTROKE_MS = 300;

export interface Interrupts {
  /** Fires with the first one; whoever shows the run says what the second would do. */
  readonly stopping: AbortSignal;
  /** Fires with the second one: nothing more is to be said. */
  readonly ended: AbortSignal;
}

/** `folder` takes what the run writes and nobody needs afterwards, once it is made. */
export function catchInterrupts(
  folder: () => string | undefined,
  sameKeystrokeMs: number = SAME_KEYSTROKE_MS,
): Interrupts {
  const stopping = new AbortController();
  const ended = new AbortController();
  let lastAt = Number.NEGATIVE_INFINITY;
  const interrupt = () => {
    const at = performance.now();
    const isSame = at - lastAt < sameKeystrokeMs;
    lastAt = at;
    if (ended.signal.aborted || isSame) {
      return;
    }
    if (stopping.signal.aborted) {
      ended.abort();
      void endAtOnce(folder);
    } else {
      stopping.abort();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, interrupt);
  }
  return { stopping: stopping.signal, ended: ended.signal };
}

async function endAtOnce(folder: () => string | undefined): Promise<void> {
  await killSupervised();
  const made = folder();
  if (made !== undefined) {
    // Of one piece with the exit: nothing can write to it any more.
    rmSync(made, { recursive: true, force: true, maxRetries: 3 });
  }
  process.exit(EXIT_INTERRUPTED);
}
