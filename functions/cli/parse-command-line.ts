import type { Command, Option } from "commander";
import { cutText, MAX_MESSAGE_LENGTH, quote, withoutPasswords } from "../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../shared/core/errors.ts";
import { visibleText } from "./output/visible-text.ts";
import type { Action } from "./program/action.ts";
import { createProgram } from "./program/program.ts";

/**
 * What the command line asks for; undefined when that was only help. Throws CommanderError, already written to standard
 * error in one line, or ConfigurationError for an option's value.
 */
export function parseCommandLine(argv: readonly string[]): Action | undefined {
  // Required options come last: a mistyped one is missing too, and which it was meant to be is what helps.
  const lenient = programOf(() => undefined);
  const options = commandsOf(lenient).flatMap((command) => command.options);
  for (const option of options) {
    option.mandatory = false;
  }
  requireValues(argv, options);
  lenient.parse(namesApart(argv, new Set(options.map(({ long }) => long))));
  let chosen: Action | undefined;
  programOf((action) => {
    chosen = action;
  }).parse(argv);
  return chosen;
}

/**
 * Throws ConfigurationError for an option whose value would be an option: of an empty variable nothing is left. A value that
 * begins so is given behind an equals sign.
 */
function requireValues(argv: readonly string[], options: readonly Option[]): void {
  const takesValue = new Set(options.filter(({ required }) => required).map(({ long }) => long));
  for (const [index, word] of argv.entries()) {
    const next = argv[index + 1] ?? "";
    if (takesValue.has(word) && /^(?:--[a-z]|-h$)/.test(next)) {
      const meant = `${word}=${quote(next)}`;
      throw new ConfigurationError(
        `${word} has no value, since ${quote(next)} follows it: give one (was a variable empty?), or write ${meant} if that is it`,
      );
    }
  }
}

/** `--tabel=ledger` as `--tabel ledger`: commander would look for an option like the one and the other together. */
function namesApart(argv: readonly string[], known: ReadonlySet<string | undefined>): readonly string[] {
  return argv.flatMap((word) => {
    const [, name, value = ""] = /^(--[^=]+)=(.*)$/s.exec(word) ?? [];
    return name === undefined || known.has(name) ? [word] : [name, value];
  });
}

/** Those below it, at every depth. */
export function commandsOf({ commands }: Command): readonly Command[] {
  return commands.flatMap((command) => [command, ...commandsOf(command)]);
}

function programOf(choose: (action: Action) => void): Command {
  const program = createProgram(choose);
  for (const command of [program, ...commandsOf(program)]) {
    command.exitOverride();
    command.configureOutput({
      outputError: (text, write) =>
        write(
          `${visibleText(
            cutText(withoutPasswords(text), MAX_MESSAGE_LENGTH)
              .trim()
              .replace(/^error:/, "ranges:")
              .replaceAll("\n", " "),
          )}\n`,
        ),
    });
  }
  return program;
}
