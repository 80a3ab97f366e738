// The commands by which an operator intervenes: retry, skip, pause, resume, cancel.

import { userInfo } from "node:os";
import { Command } from "commander";
import { quote } from "../../../shared/core/bounded-text.ts";
import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OperatorNote } from "../../../shared/core/range/range-event.ts";
import {
  parseOffsetArgument,
  parseRangeStartArgument,
  parseTopicPartitionArgument,
} from "../../../shared/wire/offsets/range-argument.ts";
import { parseCount, parseEndpointUrl, parseName } from "../options/option-values.ts";
import { type LedgerArguments, ledgerOf } from "../options/options.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { type OperatorDeps, type RangeAct, retryRange, skipRange } from "./act-on-range.ts";
import { cancelReprocess } from "./cancel-reprocess.ts";
import { pausePipeline, resumePipeline } from "./pause-pipeline.ts";
import { type RetryAllAct, retryAll } from "./retry-all.ts";

type Choose = (action: (terminal: Terminal) => Promise<ExitCode>) => void;

interface OperatorArguments extends LedgerArguments {
  readonly pipeline: string;
  readonly by?: string;
  readonly reason?: string;
  readonly dryRun?: true;
}

interface RangeArguments extends OperatorArguments {
  readonly range: string;
  readonly requestId?: string;
}

interface RetryArguments extends Omit<RangeArguments, "range"> {
  readonly range?: string;
  readonly all?: true;
  readonly topic?: readonly string[];
  readonly error?: readonly string[];
}

interface SkipArguments extends RangeArguments {
  readonly retentionDays: number;
  readonly until?: string;
  readonly offset?: string;
}

interface ScopeArguments extends OperatorArguments {
  readonly partition?: string;
}

const DAY_MS = 86_400_000;
const parseRetentionDays = parseCount("--retention-days", { max: 365, unit: "days" });

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
    .description("Make a halted or failed range, or every halted one, due at once, with all its attempts again.")
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
    .action((options: RetryArguments) =>
      choose((terminal) => {
        const deps = depsOf(options, terminal);
        const { range } = options;
        requireOneChoice(options);
        return range === undefined
          ? retryAll(deps, retryAllActOf(options))
          : retryRange(deps, rangeActOf({ ...options, range }));
      }),
    );
}

const RETRY_EXAMPLE = `
Once an outage outlasted the attempts, what would be retried, and then the retry:
  ranges retry --table ranges --pipeline word-count --all --error RangeReadError --dry-run
  ranges retry --table ranges --pipeline word-count --all --error RangeReadError --reason "the brokers are back"
`;

/** Throws ConfigurationError unless the options choose either one range or all. */
function requireOneChoice({ range, all, topic, error }: RetryArguments): void {
  if ((range === undefined) === (all === undefined)) {
    throw new ConfigurationError("give exactly one of --range and --all");
  }
  if (all === undefined && (topic !== undefined || error !== undefined)) {
    throw new ConfigurationError("--topic and --error choose among all halted ranges; give them with --all");
  }
}

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
    .action((options: SkipArguments) =>
      choose((terminal) =>
        skipRange(depsOf(options, terminal), {
          ...rangeActOf(options),
          retentionMs: options.retentionDays * DAY_MS,
          untilOffset: options.until === undefined ? undefined : parseOffsetArgument("--until", options.until),
          offset: options.offset === undefined ? undefined : parseOffsetArgument("--offset", options.offset),
        }),
      ),
    );
}

function pauseCommand(choose: Choose): Command {
  return signedCommand("pause")
    .description("Plan and dispatch nothing of a pipeline, or of one partition, until it is resumed.")
    .option("--partition <topic:partition>", "only this partition")
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .action((options: ScopeArguments) =>
      choose((terminal) =>
        pausePipeline(depsOf(options, terminal), { ...scopeOf(options), operator: operatorOf(options) }),
      ),
    );
}

function resumeCommand(choose: Choose): Command {
  return operatorCommand("resume")
    .description("Take a pause back.")
    .option("--partition <topic:partition>", "the pause of this partition, not of the pipeline")
    .action((options: ScopeArguments) =>
      choose((terminal) => resumePipeline(depsOf(options, terminal), scopeOf(options))),
    );
}

function cancelCommand(choose: Choose): Command {
  return signedCommand("cancel")
    .description(
      "Plan nothing more of a reprocess request: its ranges that no processor holds are skipped, the others are finished.",
    )
    .requiredOption("--request-id <id>", "the request", parseName("--request-id"))
    .requiredOption("--reason <text>", "why; kept in the ledger")
    .action((options: OperatorArguments & { readonly requestId: string }) =>
      choose((terminal) => {
        const { pipeline, requestId, json, dryRun } = options;
        const act = { operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
        return cancelReprocess(depsOf(options, terminal), { pipeline, requestId, ...act });
      }),
    );
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

function depsOf(options: OperatorArguments, terminal: Terminal): OperatorDeps {
  const { table, endpointUrl } = options;
  return { ledger: ledgerOf(options), terminal, now: () => Date.now(), place: { table, endpointUrl } };
}

function rangeActOf(options: RangeArguments): RangeAct {
  const { pipeline, requestId, json, dryRun } = options;
  const target = { ...parseRangeStartArgument(options.range), pipeline, requestId };
  return { target, operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
}

function retryAllActOf(options: RetryArguments): RetryAllAct {
  const { pipeline, requestId, topic: topics = [], error: errors = [], json, dryRun } = options;
  const choice = { pipeline, requestId, topics, errors };
  return { choice, operator: operatorOf(options), json: json === true, isDryRun: dryRun === true };
}

function scopeOf({ pipeline, partition, json, dryRun }: ScopeArguments) {
  return {
    pipeline,
    partition: partition === undefined ? undefined : parseTopicPartitionArgument("--partition", partition),
    json: json === true,
    isDryRun: dryRun === true,
  };
}

function operatorOf({ by = shellUser(), reason = "" }: OperatorArguments): OperatorNote {
  return { by: requireText("--by", by), reason: requireText("--reason", reason) };
}

function shellUser(): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new ConfigurationError("this shell's user has no name; give --by", { cause });
  }
}

function requireText(option: string, text: string): string {
  if (text.trim() === "") {
    throw new ConfigurationError(
      `${option} ${quote(text)} is empty; give a text, since whoever comes later wants to know`,
    );
  }
  return text.trim();
}
