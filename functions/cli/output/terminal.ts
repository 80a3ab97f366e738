// Terminal
//
// Where the commands write: results to standard output, everything said about
// them to standard error, so that output can be piped. Each is a line, whatever is in it.

import { once } from "node:events";
import type { Writable } from "node:stream";
import { visibleText } from "./visible-text.ts";

export interface Terminal {
  /** Resolves when there is room for more. */
  print(line: string): Promise<void>;
  /** A line about the work: a summary, progress, an error. */
  note(line: string): void;
  /** Fires on Ctrl-C and when the reader of the output went away. */
  readonly signal: AbortSignal;
}

/** The output's reader (`head`, say) has closed it: nothing more is wanted. */
export class OutputClosedError extends Error {
  override readonly name = "OutputClosedError";
}

export function createTerminal(output: Writable, notes: Writable, interrupted: AbortSignal): Terminal {
  const closed = new AbortController();
  output.on("error", (error: NodeJS.ErrnoException) => {
    closed.abort(error.code === "EPIPE" ? new OutputClosedError("the output was closed") : error);
  });
  const signal = AbortSignal.any([interrupted, closed.signal]);
  return {
    signal,
    async print(line) {
      signal.throwIfAborted();
      if (!output.write(`${visibleText(line)}\n`)) {
        // Why it ended is the signal's reason, whichever way the wait was broken off.
        await once(output, "drain", { signal }).catch(() => signal.throwIfAborted());
      }
    },
    note: (line) => void notes.write(`${visibleText(line)}\n`),
  };
}
