import { readFileSync } from "node:fs";
import { type SupervisedProcessOptions, startSupervised } from "./supervised-process.ts";

export interface CommandOptions extends SupervisedProcessOptions {
  readonly deadlineMs: number;
  /** What of its log is told when it fails. @default its last lines */
  readonly excerpt?: (log: string) => string;
}

/** Runs a program to its end and returns what it printed; throws with its last lines when it fails. */
export async function runCommand({ deadlineMs, excerpt, ...options }: CommandOptions): Promise<string> {
  const running = startSupervised(options);
  let isLate = false;
  const deadline = setTimeout(() => {
    isLate = true;
    void running.kill();
  }, deadlineMs);
  const end = await running.exited;
  clearTimeout(deadline);
  if (end !== "code 0") {
    const reason = isLate ? `did not end within ${deadlineMs / 1_000} s` : `ended with ${end}`;
    const told =
      excerpt === undefined ? `ends with:\n${running.lastLogLines()}` : `says:\n${excerpt(running.readLog())}`;
    throw new Error(`${options.name} ${reason}; see ${options.logFile}, which ${told}`);
  }
  return readFileSync(options.logFile, "utf8");
}
