// Run command line
//
// Parses a command line, runs its command, and turns every end into an exit code and, for a
// bad one, one line on standard error.

import type { Writable } from "node:stream";
import { inspect } from "node:util";
import { CommanderError } from "commander";
import { withoutPasswords } from "../../shared/core/bounded-text.ts";
import { EXIT, exitCodeOf } from "./output/exit-codes.ts";
import { failureLines } from "./output/failure-lines.ts";
import { createTerminal, OutputClosedError } from "./output/terminal.ts";
import { parseCommandLine } from "./parse-command-line.ts";

/** What a shell reports for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

interface Shell {
  readonly output: Writable;
  readonly notes: Writable;
  readonly interrupted: AbortSignal;
}

/** Resolves to the exit code, also of a command that failed. `argv` has Node.js and the program in front. */
export async function runCommandLine(argv: readonly string[], shell: Shell): Promise<number> {
  const terminal = createTerminal(shell.output, shell.notes, shell.interrupted);
  try {
    const action = parseCommandLine(argv);
    return action === undefined ? EXIT.done : await action(terminal);
  } catch (error) {
    if (shell.interrupted.aborted) {
      return EXIT_INTERRUPTED;
    }
    if (terminal.signal.reason instanceof OutputClosedError) {
      return EXIT.done;
    }
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? EXIT.done : EXIT.badInput;
    }
    for (const line of failureLines(error)) {
      terminal.note(line);
    }
    if (argv.includes("--verbose")) {
      for (const line of inspect(error).split("\n")) {
        // Of an error of Node.js's: what it was given.
        terminal.note(withoutPasswords(line));
      }
    }
    return exitCodeOf(error);
  }
}
