// ranges plan: what a choice of offsets comes to, without a ledger and without
// writing anything.

import { type ChosenOffsets, chooseOffsets } from "../../shared/core/choose-offsets.ts";
import type { IsolationLevel, OffsetSource, SourceSelection } from "../../shared/core/offset-source.ts";
import { stringify } from "../../shared/wire/json.ts";
import { listLogs } from "./log-bounds.ts";
import type { Terminal } from "./terminal.ts";

export interface PlanOptions extends ChosenOffsets {
  readonly selection: SourceSelection;
  readonly isolationLevel: IsolationLevel;
}

/** Throws ConfigurationError, naming every problem, when the choice cannot be resolved as it stands. */
export async function planRanges(
  { source, terminal }: { readonly source: OffsetSource; readonly terminal: Terminal },
  { selection, isolationLevel, ...choice }: PlanOptions,
): Promise<void> {
  const logs = await listLogs(source, selection, isolationLevel);
  const ranges = chooseOffsets(logs, choice);
  await terminal.print(stringify({ ranges }));
}
