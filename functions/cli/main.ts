// ranges: runs the command line of this process.

import { runCommandLine } from "./run-command-line.ts";

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort());
process.exitCode = await runCommandLine(process.argv, {
  output: process.stdout,
  notes: process.stderr,
  interrupted: interrupted.signal,
});
