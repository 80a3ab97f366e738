import type { Terminal } from "../../../functions/cli/output/terminal.ts";

export interface RecordingTerminal extends Terminal {
  readonly printed: readonly string[];
  readonly noted: readonly string[];
}

/** A terminal that keeps what was written to it. */
export function createRecordingTerminal(signal: AbortSignal = new AbortController().signal): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  return {
    printed,
    noted,
    signal,
    print: async (line) => void printed.push(line),
    note: (line) => void noted.push(line),
  };
}
