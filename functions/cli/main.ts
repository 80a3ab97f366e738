// ranges: parses the command line, runs its command, and turns every end into an
// exit code and, for a bad one, one line on standard error.

import { inspect } from "node:util";
import { CommanderError } from "commander";
import { EXIT, exitCodeOf } from "./output/exit-codes.ts";
import { createTerminal, OutputClosedError } from "./output/terminal.ts";
import { parseCommandLine } from "./parse-command-line.ts";

/** What a shell reports for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const terminal = createTerminal(process.stdout, process.stderr, interrupted.signal);
  try {
    const action = parseCommandLine(argv);
    return action === undefined ? EXIT.done : await action(terminal);
  } catch (error) {
    if (interrupted.signal.aborted) {
      return EXIT_INTERRUPTED;
    }
    if (terminal.signal.reason instanceof OutputClosedError) {
      return EXIT.done;
    }
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    }
    terminal.note(`ranges: ${error instanceof Error ? error.message : String(error)}`);
    if (argv.includes("--verbose")) {
      for (const line of inspect(error).split("\n")) {
        terminal.note(line);
      }
    }
    return exitCodeOf(error);
  }
}
