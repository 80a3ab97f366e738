// ranges plan: what a choice of offsets comes to, without a ledger and without
// writing anything.

import { type SplitRules, splitRanges } from "../../../shared/core/choice/cut-pieces.ts";
import { type ChosenSource, type RangeChoice, resolveChoice } from "../../../shared/core/choice/resolve-choice.ts";
import { findEmptySource } from "../../../shared/core/source/empty-source.ts";
import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import { stringify } from "../../../shared/wire/json/json.ts";
import type { Terminal } from "../output/terminal.ts";

export interface PlanOptions extends ChosenSource {
  readonly choice: RangeChoice;
  readonly split: SplitRules;
}

interface PlanDeps {
  readonly source: OffsetSource;
  readonly terminal: Terminal;
}

/** Throws ConfigurationError, naming every problem, when the choice cannot be resolved as it stands. */
export async function planRanges({ source, terminal }: PlanDeps, options: PlanOptions): Promise<void> {
  const chosen = await resolveChoice(source, options, options.choice);
  const ranges = splitRanges(chosen, options.split).map(({ topic, partition, fromOffset, untilOffset }) => ({
    topic,
    partition,
    fromOffset,
    untilOffset,
  }));
  const empty = ranges.length === 0 ? await findEmptySource(source, options.selection) : undefined;
  if (empty !== undefined) {
    terminal.note(`ranges: ${empty}`);
  }
  await terminal.print(stringify({ ranges }));
}
