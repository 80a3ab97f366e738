import { cutText } from "../../../shared/core/bounded-text.ts";
import { pause } from "../process/pause.ts";

const MAX_FAILED_RUNS_IN_A_ROW = 20;
const MAX_SHOWN_LENGTH = 200;

export interface RepeatedRun {
  /** One scheduler run; throws when it failed. */
  readonly run: () => Promise<void>;
  /** Told of each failure that is another than the one before, and that it is tried again. */
  readonly note: (line: string) => void;
  readonly retryMs: number;
  readonly signal: AbortSignal | undefined;
  /** Whether it goes on however often it fails: somebody looks on, and mends it. @default false */
  readonly isEndless?: boolean;
}

/** Runs until it succeeds, or the signal fires; throws when it fails too often in a row. */
export async function repeatRun({ run, note, retryMs, signal, isEndless = false }: RepeatedRun): Promise<void> {
  let last: string | undefined;
  for (let failures = 1; signal?.aborted !== true; failures += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (failures === MAX_FAILED_RUNS_IN_A_ROW && !isEndless) {
        throw error;
      }
      const line = `the scheduler run failed and is tried again: ${inOneLine(error)}`;
      if (line !== last) {
        note(line);
      }
      last = line;
      await pause(retryMs, signal);
    }
  }
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return cutText(text.replace(/\s+/g, " "), MAX_SHOWN_LENGTH);
}
