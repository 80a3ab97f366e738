import { type ChoiceTexts, parseRangeChoice } from "../../../shared/wire/offsets/range-choice.ts";
import { planRanges } from "../commands/plan-ranges.ts";
import { optionOf } from "../options/option-names.ts";
import type { KafkaArguments, SourceArguments } from "../options/options.ts";
import { selectionOf } from "../options/source-selection.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { usingKafka } from "./using-kafka.ts";

export interface PlanArguments extends KafkaArguments, SourceArguments, ChoiceTexts {}

export async function runPlan(options: PlanArguments, terminal: Terminal): Promise<ExitCode> {
  const { isolationLevel } = options;
  const plan = { selection: selectionOf(options), isolationLevel, ...parseRangeChoice(options, optionOf) };
  await usingKafka(terminal, options, ({ source }) => planRanges({ source, terminal }, plan));
  return EXIT.done;
}
