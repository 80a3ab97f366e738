import { cutText } from "../../../shared/core/bounded-text.ts";
import { pause } from "../process/pause.ts";

const RETRY_MS = 1_000;
const MAX_FAILED_RUNS_IN_A_ROW = 20;
const MAX_SHOWN_LENGTH = 200;

export interface RepeatedRun {
  /** One scheduler run; throws when it failed. */
  run(): Promise<void>;
  /** Told of each failure, and that it is tried again. */
  note(line: string): void;
  readonly signal: AbortSignal | undefined;
}

/** Runs until it succeeds, or the signal fires; throws when it fails too often in a row. */
export async function repeatRun({ run, note, signal }: RepeatedRun): Promise<void> {
  for (let failures = 1; signal?.aborted !== true; failures += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (failures === MAX_FAILED_RUNS_IN_A_ROW) {
        throw error;
      }
      note(`the scheduler run failed and is tried again: ${inOneLine(error)}`);
      await pause(RETRY_MS, signal);
    }
  }
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return cutText(text.replace(/\s+/g, " "), MAX_SHOWN_LENGTH);
}
