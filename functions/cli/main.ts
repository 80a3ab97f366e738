// ranges: parses the command line, runs its command, and turns every end into an
// exit code and, for a bad one, one line on standard error.

import { CommanderError } from "commander";
import { cutText, MAX_MESSAGE_LENGTH } from "../../shared/core/bounded-text.ts";
import { type Action, createProgram } from "./commands.ts";
import { EXIT, exitCodeOf } from "./exit-codes.ts";
import { createTerminal, OutputClosedError } from "./terminal.ts";

/** What a shell reports for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  const terminal = createTerminal(process.stdout, process.stderr, interrupted.signal);
  try {
    const action = parse(argv);
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
    return exitCodeOf(error);
  }
}

/** Undefined when the command line only asked for help. Throws CommanderError, already written to standard error. */
function parse(argv: readonly string[]): Action | undefined {
  let chosen: Action | undefined;
  const program = createProgram((action) => {
    chosen = action;
  });
  for (const command of [program, ...program.commands]) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) =>
        write(
          `${cutText(text, MAX_MESSAGE_LENGTH)
            .trim()
            .replace(/^error:/, "ranges:")
            .replaceAll("\n", " ")}\n`,
        ),
    });
  }
  program.parse(argv);
  return chosen;
}
