// The commands by which an operator intervenes: retry, skip, pause, resume, cancel.

import { Command } from "commander";
import { LEAST_RETENTION_MS } from "../../../shared/core/limits.ts";
import { parseCount, parseEndpointUrl, parseName } from "../options/option-values.ts";
import type { CancelArguments, RetryArguments, ScopeArguments, SkipArguments } from "../run/operate.ts";
import type { Choose } from "./action.ts";

const operate = () => import("../run/operate.ts");

const DAY_MS = 86_400_000;

/** As of the construct's `retention`: what reads the ledger later goes by the shortest. */
const parseRetentionDays = parseCount("--retention-days", { min: LEAST_RETENTION_MS / DAY_MS, max: 365, unit: "days" });

export function operatorCommands(choose: Choose): readonly Command[] {
  return [
    retryCommand(choose),
    skipCommand(choose),
    pauseCommand(choose),
    resumeCommand(choose),
    cancelCommand(choose),
  ];
}

function retryCommand(choose: Choose): Command {
  return signedCommand("retry")
    .description(
      "Make an open range that no processor has, or every halted one, due at once, with all its attempts again.",
    )
    .option("--range <topic:partition[:from]>", "the partition's open range, or the one that begins at FROM")
    .option("--all", "every halted range: of the live chains and of the open reprocess requests")
    .option("--topic <name>", "with --all: only of this topic; repeatable", collectNames("--topic"))
    .option("--error <name>", "with --all: only what halted by this error; repeatable", collectNames("--error"))
    .option(
      "--request-id <id>",
      "a range, or with --all the halted ranges, of this reprocess request",
      parseName("--request-id"),
    )
    .option("--reason <text>", "why; kept in the ledger", "none given")
    .addHelpText("after", RETRY_EXAMPLE)
    .action((options: RetryArguments) => choose(async (terminal) => (await operate()).runRetry(options, terminal)));
}

const RETRY_EXAMPLE = `
Once an outage outlasted the attempts, what would be retried, and then the retry:
  ranges retry --table ranges --pipeline word-count --all --error RangeReadError --dry-run
  ranges retry --table ranges --pipeline word-count --all --error RangeReadError --reason "the brokers are back"
`;

function collectNames(option: string) {
  const parse = parseName(option);
  return (text: string, before: readonly string[] = []) => [...before, parse(text)];
}

function skipCommand(choose: Choose): Command {
  return signedCommand("skip")
    .description("Close an open range for ever where it stands: what is not committed of it is never processed.")
    .requiredOption("--range <topic:partition:from>", "the range, by its first offset as the ledger has it")
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .option("--request-id <id>", "a range of this reprocess request", parseName("--request-id"))
    .option("--until <offset>", "skip only what lies below this offset; the rest goes on")
    .option("--offset <offset>", "skip only this record, once what lies before it is done; the rest goes on")
    .option(
      "--retention-days <n>",
      "how long the ledger keeps the skipped range; the pipeline's own retention",
      parseRetentionDays,
      30,
    )
    .action((options: SkipArguments) => choose(async (terminal) => (await operate()).runSkip(options, terminal)));
}

function pauseCommand(choose: Choose): Command {
  return signedCommand("pause")
    .description("Plan and dispatch nothing of a pipeline, or of one partition, until it is resumed.")
    .option("--partition <topic:partition>", "only this partition")
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .action((options: ScopeArguments) => choose(async (terminal) => (await operate()).runPause(options, terminal)));
}

function resumeCommand(choose: Choose): Command {
  return operatorCommand("resume")
    .description("Take a pause back.")
    .option("--partition <topic:partition>", "the pause of this partition, not of the pipeline")
    .action((options: ScopeArguments) => choose(async (terminal) => (await operate()).runResume(options, terminal)));
}

function cancelCommand(choose: Choose): Command {
  return signedCommand("cancel")
    .description(
      "Plan nothing more of a reprocess request: its ranges that no processor holds are skipped, the others are finished.",
    )
    .requiredOption("--request-id <id>", "the request", parseName("--request-id"))
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .action((options: CancelArguments) => choose(async (terminal) => (await operate()).runCancel(options, terminal)));
}

/** One whose act is kept with its author. */
function signedCommand(name: string): Command {
  return operatorCommand(name).option("--by <name>", "who; kept in the ledger; the user of this shell by default");
}

function operatorCommand(name: string): Command {
  return new Command(name)
    .requiredOption("--table <name>", "the ledger's DynamoDB table", parseName("--table"))
    .requiredOption("--pipeline <name>", "the pipeline", parseName("--pipeline"))
    .option("--dry-run", "say what would be done, and change nothing")
    .option("--endpoint-url <url>", "DynamoDB endpoint, instead of AWS's own", parseEndpointUrl("--endpoint-url"))
    .option("--json", "print JSON");
}
