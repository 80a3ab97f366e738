// The commands of `ranges`: their options, and the adapters that each one gets.

import { Command } from "commander";
import { MAX_STUCK_AFTER_MINUTES } from "../../../shared/core/limits.ts";
import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import type { RangeReader } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { parseRangeArgument } from "../../../shared/wire/offsets/range-argument.ts";
import type { ChoiceTexts } from "../../../shared/wire/offsets/range-choice.ts";
import { parseCount, parseName } from "../options/option-values.ts";
import {
  addConnectionOptions,
  addKafkaOptions,
  addLedgerOptions,
  addSourceOptions,
  type ConnectionArguments,
  type KafkaArguments,
  kafkaOptionsOf,
  type LedgerArguments,
  ledgerOf,
  type SourceArguments,
  selectionOf,
} from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { operatorCommands } from "./operator-commands.ts";
import { addPlanOptions, planOptionsOf } from "./plan-command.ts";
import { planRanges } from "./plan-ranges.ts";
import { readRanges } from "./read-ranges.ts";
import { reprocessCommand } from "./reprocess-command.ts";
import { showStatus } from "./show-status.ts";
import { verifyLedger } from "./verify-ledger.ts";

/** What a command does; its exit code unless it throws. */
export type Action = (terminal: Terminal) => Promise<ExitCode>;

interface ReadArguments extends KafkaArguments {
  readonly range: readonly string[];
}

const now = () => Date.now();

/** The program; `choose` is told the action of the command line that it parses. */
export function createProgram(choose: (action: Action) => void): Command {
  const program = new Command("ranges")
    .description("Reads, plans, proves and mends exact Kafka offset ranges.")
    .option("--verbose", "with an error also its stack and its causes")
    .addHelpText("after", EXIT_CODES);
  program.addCommand(readCommand(choose));
  program.addCommand(planCommand(choose));
  program.addCommand(statusCommand(choose));
  program.addCommand(verifyCommand(choose));
  program.addCommand(reprocessCommand(choose));
  for (const command of operatorCommands(choose)) {
    program.addCommand(command);
  }
  return program;
}

const EXIT_CODES = `
Exit codes:
  0  done
  1  failed, or refused; for verify also: a chain is not whole; for reprocess --wait: not every offset was processed
  2  bad input, or a configuration that cannot work, such as no AWS region or credentials
  3  data loss: the range begins below the log's first offset
  4  the range ends beyond the log's end; nothing is printed
`;

function readCommand(choose: (action: Action) => void): Command {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  return addKafkaOptions(new Command("read"), { isRequired: true })
    .description("Print the records of exact ranges as JSON lines, and a JSON summary on standard error.")
    .requiredOption("--range <topic:partition:from:until>", "from inclusive, until exclusive; repeatable", collect)
    .option("--require-consecutive-offsets", "an offset without a visible record is data loss, as in Spark's default")
    .option(
      "--rack-id <rack>",
      "where this runs, as broker.rack names it: a replica there may be read instead of the leader",
      parseName("--rack-id"),
    )
    .action((options: ReadArguments) =>
      choose(async (terminal) => {
        const ranges = options.range.map(parseRangeArgument);
        const { isolationLevel } = options;
        await usingKafka(terminal, options, (kafka) =>
          readRanges({ ...kafka, terminal, now }, { ranges, isolationLevel }),
        );
        return EXIT.done;
      }),
    );
}

function planCommand(choose: (action: Action) => void): Command {
  return addPlanOptions(addSourceOptions(addKafkaOptions(new Command("plan"), { isRequired: true })))
    .description("Print the ranges that a choice of offsets comes to, as JSON. Writes nothing.")
    .action((options: KafkaArguments & SourceArguments & ChoiceTexts) =>
      choose(async (terminal) => {
        const { isolationLevel } = options;
        const plan = { selection: selectionOf(options), isolationLevel, ...planOptionsOf(options) };
        await usingKafka(terminal, options, ({ source }) => planRanges({ source, terminal }, plan));
        return EXIT.done;
      }),
    );
}

function statusCommand(choose: (action: Action) => void): Command {
  return addLedgerOptions(addKafkaOptions(new Command("status"), { isRequired: false }))
    .description("Show where each partition stands; with --bootstrap-servers also its lag.")
    .action((options: KafkaArguments & LedgerArguments) =>
      choose(async (terminal) => {
        const ledger = ledgerOf(options);
        const { isolationLevel, table, endpointUrl } = options;
        const deps = { ledger, terminal, now, place: { table, endpointUrl } };
        const shown = { pipeline: options.pipeline, json: options.json === true };
        if (options.bootstrapServers === undefined) {
          await showStatus(deps, shown);
        } else {
          await usingKafka(terminal, options, (kafka) =>
            showStatus({ ...deps, lag: { ...kafka, isolationLevel, now } }, shown),
          );
        }
        return EXIT.done;
      }),
    );
}

interface VerifyArguments extends ConnectionArguments, LedgerArguments {
  readonly stuckAfter: number;
  readonly strict?: true;
}

function verifyCommand(choose: (action: Action) => void): Command {
  return addLedgerOptions(addConnectionOptions(new Command("verify"), { isRequired: false }))
    .description(
      "Prove the ledger's chains whole: no gap, no overlap, counts that add up, no stuck lease; exit 1 when not. With --bootstrap-servers also held against the logs.",
    )
    .option("--stuck-after <minutes>", "how long an expired lease or an open range may wait", parseStuckAfter, 10)
    .option("--strict", "exit 1 also for warnings: ranges that wait, records that were given up")
    .action((options: VerifyArguments) =>
      choose(async (terminal) => {
        const { pipeline, json = false, strict = false } = options;
        const deps = { ledger: ledgerOf(options), terminal, now, stuckAfterMs: options.stuckAfter * 60_000 };
        if (options.bootstrapServers === undefined) {
          return verifyLedger(deps, { pipeline, json, strict });
        }
        const source = createKafkaOffsetSource(kafkaOptionsOf(options, (line) => terminal.note(line)));
        try {
          return await verifyLedger({ ...deps, log: { source } }, { pipeline, json, strict });
        } finally {
          await source.close();
        }
      }),
    );
}

const parseStuckAfter = parseCount("--stuck-after", { min: 0, max: MAX_STUCK_AFTER_MINUTES, unit: "minutes" });

interface Kafka {
  readonly source: OffsetSource;
  readonly reader: RangeReader;
}

async function usingKafka(
  terminal: Terminal,
  kafkaArguments: KafkaArguments,
  use: (kafka: Kafka) => Promise<void>,
): Promise<void> {
  const options = kafkaOptionsOf(kafkaArguments, (line) => terminal.note(line));
  const { requireConsecutiveOffsets = false, rackId = options.rackId ?? "" } = kafkaArguments;
  const kafka = {
    source: createKafkaOffsetSource(options),
    reader: createKafkaRangeReader({ ...options, requireConsecutiveOffsets, rackId }),
  };
  try {
    await use(kafka);
  } finally {
    await Promise.all([kafka.source.close(), kafka.reader.close()]);
  }
}
