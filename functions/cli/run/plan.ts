import { type ChoiceTexts, parseRangeChoice } from "../../../shared/wire/offsets/range-choice.ts";
import { planRanges } from "../commands/plan-ranges.ts";
import { kafkaAccessOf } from "../options/kafka-access.ts";
import { withOffsetReset } from "../options/offset-reset.ts";
import { optionOf } from "../options/option-names.ts";
import type { KafkaArguments, SourceArguments } from "../options/options.ts";
import { selectionOf } from "../options/source-selection.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { usingKafka } from "./using-kafka.ts";

export interface PlanArguments extends KafkaArguments, SourceArguments, ChoiceTexts {}

export async function runPlan(options: PlanArguments, terminal: Terminal): Promise<ExitCode> {
  parseRangeChoice(options, optionOf);
  const selection = selectionOf(options);
  const access = await kafkaAccessOf(options, (line) => terminal.note(line));
  const texts = withOffsetReset(options, access.offsetReset, (line) => terminal.note(line));
  const { choice, split } = parseRangeChoice(texts, optionOf);
  await usingKafka(access, options, ({ source, isolationLevel }) =>
    planRanges({ source, terminal }, { selection, isolationLevel, choice, split }),
  );
  return EXIT.done;
}
