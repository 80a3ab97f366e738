import type { Command } from "commander";
import { cutText, MAX_MESSAGE_LENGTH } from "../../shared/core/bounded-text.ts";
import { type Action, createProgram } from "./commands.ts";

/**
 * What the command line asks for; undefined when that was only help. Throws CommanderError, already written to standard
 * error in one line, or ConfigurationError for an option's value.
 */
export function parseCommandLine(argv: readonly string[]): Action | undefined {
  // Required options come last: a mistyped one is missing too, and which it was meant to be is what helps.
  const lenient = programOf(() => undefined);
  for (const option of lenient.commands.flatMap((command) => command.options)) {
    option.mandatory = false;
  }
  lenient.parse(argv);
  let chosen: Action | undefined;
  programOf((action) => {
    chosen = action;
  }).parse(argv);
  return chosen;
}

function programOf(choose: (action: Action) => void): Command {
  const program = createProgram(choose);
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
  return program;
}
