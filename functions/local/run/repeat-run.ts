import { cutText } from "../../../shared/core/bounded-text.ts";
import { pause } from "../process/pause.ts";

const MAX_FAILED_RUNS_IN_A_ROW = 20;
const MAX_SHOWN_LENGTH = 200;

export interface RepeatedRun {
  /** One scheduler run; throws when it failed. */
  readonly run: () => Promise<void>;
  /** Told of each failure, and that it is tried again. */
  readonly note: (line: string) => void;
  readonly retryMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Runs until it succeeds, or the signal fires; throws when it fails too often in a row. */
export async function repeatRun({ run, note, retryMs, signal }: RepeatedRun): Promise<void> {
  for (let failures = 1; signal?.aborted !== true; failures += 1) {
    try {
      await run();
      return;
    } catch (error) {
      if (failures === MAX_FAILED_RUNS_IN_A_ROW) {
        throw error;
      }
      note(`the scheduler run failed and is tried again: ${inOneLine(error)}`);
      await pause(retryMs, signal);
    }
  }
}

function inOneLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return cutText(text.replace(/\s+/g, " "), MAX_SHOWN_LENGTH);
}

/** Lambda answers a failed invocation with the error as JSON. */
export function describeFailure(answer: string): string {
  try {
    const { errorType, errorMessage } = JSON.parse(answer);
    return [errorType, errorMessage].filter((part) => typeof part === "string").join(": ") || answer;
  } catch {
    return answer;
  }
}
