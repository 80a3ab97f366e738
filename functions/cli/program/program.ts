// The program `ranges`: the names of its commands and options, and which file runs each.
//
//   PG1  What runs a command is loaded when it runs: help and a slip of the pen need none of
//        it, and no command needs what only another one does.

import { Command } from "commander";
import type { Choose } from "./action.ts";
import { planCommand, readCommand } from "./kafka-commands.ts";
import { manifestsCommand, statusCommand, verifyCommand } from "./ledger-commands.ts";
import { letterCommands } from "./letter-commands.ts";
import { devCommand, initCommand } from "./local-commands.ts";
import { operatorCommands } from "./operator-commands.ts";
import { packageCommand } from "./package-command.ts";
import { reprocessCommand } from "./reprocess-command.ts";

/** `choose` is told the action of the command line that the program parses. */
export function createProgram(choose: Choose): Command {
  const program = new Command("ranges")
    .description(
      "Runs pipelines over exact Kafka offset ranges on this machine, and packages them; reads, plans, proves and mends ranges anywhere.",
    )
    .option("--verbose", "with an error also its stack and its causes")
    .addHelpText("after", EXIT_CODES);
  const commands = [
    ...[initCommand, devCommand, packageCommand],
    ...[readCommand, planCommand, statusCommand, verifyCommand, manifestsCommand, reprocessCommand],
  ];
  const others = [...operatorCommands(choose), letterCommands(choose)];
  for (const command of [...commands.map((define) => define(choose)), ...others]) {
    program.addCommand(command);
  }
  return program;
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  failed, or refused; for verify also: a chain is not whole; for reprocess --wait and
     dead-letters redrive: not every offset was processed
  2  bad input, or a configuration that cannot work, such as no AWS region or credentials
  3  data loss: the range begins below the log's first offset
  4  the range ends beyond the log's end; nothing is printed
`;
