// The commands that deal with dead letters: list, show, redrive, delete.

import { Command } from "commander";
import { parseEndpointUrl, parseName } from "../options/option-values.ts";
import { addConnectionOptions } from "../options/options.ts";
import type { DeleteArguments, LetterArguments, ListArguments, RedriveArguments } from "../run/dead-letters.ts";
import type { Choose } from "./action.ts";

const run = () => import("../run/dead-letters.ts");

export function letterCommands(choose: Choose): Command {
  const commands = new Command("dead-letters").description(
    "Look at the records that a pipeline gave up, have them processed again, or delete their letters.",
  );
  for (const command of [listCommand(choose), showCommand(choose), redriveCommand(choose), deleteCommand(choose)]) {
    commands.addCommand(command);
  }
  return commands;
}

function listCommand(choose: Choose): Command {
  return letterCommand("list")
    .description("List dead letters, one for each record: when and why its last attempt failed.")
    .option(...table("also say what became of each record, as the ledger in this DynamoDB table has it"))
    .option("--json", "print JSON, one letter a line")
    .action((options: ListArguments) => choose(async (terminal) => (await run()).runListLetters(options, terminal)));
}

function showCommand(choose: Choose): Command {
  return letterCommand("show")
    .description("Print dead letters whole, as JSON: the record, the error's stack, and where the attempt is logged.")
    .action((options: LetterArguments) => choose(async (terminal) => (await run()).runShowLetters(options, terminal)));
}

function redriveCommand(choose: Choose): Command {
  return letterCommand("redrive", { isOfPipeline: true })
    .description(
      "Have exactly the records of dead letters processed again, once the code is mended, wait for it, and delete the letters of what was processed; exit 1 unless all of it was.",
    )
    .requiredOption("--table <name>", "the ledger's DynamoDB table", parseName("--table"))
    .requiredOption("--function <name>", "the pipeline's scheduler function", parseName("--function"))
    .option("--all", "every letter of the pipeline")
    .option(
      "--include-unproven",
      "also what the ledger cannot say of that it was not processed: it may take effect twice",
    )
    .option("--dry-run", "say what would be done, and request nothing")
    .option("--json", "print JSON, one letter a line")
    .action((options: RedriveArguments) =>
      choose(async (terminal) => (await run()).runRedriveLetters(options, terminal)),
    );
}

function deleteCommand(choose: Choose): Command {
  return letterCommand("delete")
    .description("Delete dead letters; their records stay as they are.")
    .option("--all", "every letter")
    .option("--processed", "of those only the letters of records that were processed, as the ledger has it")
    .option(...table("with --processed, the ledger's DynamoDB table"))
    .option("--dry-run", "say what would be deleted, and delete nothing")
    .option("--json", "print JSON, one letter a line")
    .action((options: DeleteArguments) =>
      choose(async (terminal) => (await run()).runDeleteLetters(options, terminal)),
    );
}

function table(meaning: string) {
  return ["--table <name>", meaning, parseName("--table")] as const;
}

/** What says where letters are, and which of them. */
function letterCommand(name: string, { isOfPipeline = false } = {}): Command {
  const command = new Command(name).requiredOption(
    "--target <target>",
    "where they are: the URL of a queue, s3://BUCKET/PREFIX or topic:NAME, as the stack's output DeadLetterTarget has it",
  );
  const ofPipeline = parseName("--pipeline");
  return addConnectionOptions(
    isOfPipeline
      ? command.requiredOption("--pipeline <name>", "the pipeline", ofPipeline)
      : command.option("--pipeline <name>", "only of this pipeline", ofPipeline),
    { isRequired: false },
  )
    .option("--record <topic:partition:offset>", "the letter of this record; repeatable", collect)
    .option("--range <topic:partition:from:until>", "only of these offsets; repeatable", collect)
    .option("--topic <name>", "only of this topic; repeatable", collectNames("--topic"))
    .option("--error <name>", "only of this error; repeatable", collectNames("--error"))
    .option("--since <time>", "only what failed then or later: ms since the epoch, or ISO 8601 with a zone")
    .option("--until <time>", "only what failed before")
    .option("--endpoint-url <url>", "AWS endpoint, instead of AWS's own", parseEndpointUrl("--endpoint-url"));
}

function collect(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}

function collectNames(option: string) {
  const parse = parseName(option);
  return (text: string, before: readonly string[] = []) => [...before, parse(text)];
}
