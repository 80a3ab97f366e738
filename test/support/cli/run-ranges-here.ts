import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { runCommandLine } from "../../../functions/cli/run-command-line.ts";
import type { CommandResult } from "./run-ranges.ts";

/** Runs `ranges` in this process, by this process's variables: a fiftieth of what a process of its own takes. */
export async function runRangesHere(args: readonly string[]): Promise<CommandResult> {
  const [output, notes] = [new PassThrough(), new PassThrough()];
  const written = Promise.all([text(output), text(notes)]);
  const code = await runCommandLine(["node", "ranges", ...args], {
    output,
    notes,
    interrupted: new AbortController().signal,
  });
  output.end();
  notes.end();
  const [stdout, stderr] = await written;
  return { code, stdout, stderr };
}
