// ranges plan: what a choice of offsets comes to, without a ledger and without
// writing anything.

import { findEmptySource } from "../../shared/core/empty-source.ts";
import type { OffsetSource } from "../../shared/core/offset-source.ts";
import { type ChosenSource, type RangeChoice, resolveChoice } from "../../shared/core/resolve-choice.ts";
import { type SplitRules, splitRanges } from "../../shared/core/split-ranges.ts";
import { stringify } from "../../shared/wire/json.ts";
import type { Terminal } from "./terminal.ts";

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
