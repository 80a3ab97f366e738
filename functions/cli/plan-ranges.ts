// ranges plan: what a choice of offsets comes to, without a ledger and without
// writing anything.

import { chooseOffsets, type OffsetChoice } from "../../shared/core/choose-offsets.ts";
import { type BatchLimits, limitRanges } from "../../shared/core/limit-ranges.ts";
import {
  matchTimestamps,
  type NoMatch,
  type TimestampChoice,
  timestampsOf,
} from "../../shared/core/match-timestamps.ts";
import type { IsolationLevel, OffsetSource, SourceSelection } from "../../shared/core/offset-source.ts";
import { type SplitRules, splitRanges } from "../../shared/core/split-ranges.ts";
import { stringify } from "../../shared/wire/json.ts";
import { listLogs, listTimestamps } from "./log-bounds.ts";
import type { Terminal } from "./terminal.ts";

/** One end of what is planned: offsets, or the first record that is not older than a timestamp. */
export type PlanBound = { readonly offsets: OffsetChoice } | { readonly timestamps: TimestampChoice };

export interface PlanOptions {
  readonly selection: SourceSelection;
  readonly isolationLevel: IsolationLevel;
  readonly starting: PlanBound;
  readonly ending: PlanBound;
  /** For starting timestamps; an ending one without a match is the end of the log, as in Spark. */
  readonly onNoMatch: NoMatch;
  readonly limits: BatchLimits;
  readonly split: SplitRules;
}

interface PlanDeps {
  readonly source: OffsetSource;
  readonly terminal: Terminal;
}

/** Throws ConfigurationError, naming every problem, when the choice cannot be resolved as it stands. */
export async function planRanges({ source, terminal }: PlanDeps, options: PlanOptions): Promise<void> {
  const { selection, isolationLevel, starting, ending, onNoMatch, limits, split } = options;
  const logs = await listLogs(source, selection, isolationLevel);
  const offsetsOf = async (what: string, bound: PlanBound, noMatch: NoMatch): Promise<OffsetChoice> => {
    if ("offsets" in bound) {
      return bound.offsets;
    }
    const asked = timestampsOf(what, bound.timestamps, logs);
    return matchTimestamps(what, await listTimestamps(source, asked, isolationLevel), noMatch);
  };
  const choice = {
    starting: await offsetsOf("starting timestamps", starting, onNoMatch),
    ending: await offsetsOf("ending timestamps", ending, "latest"),
  };
  const ranges = splitRanges(limitRanges(chooseOffsets(logs, choice), limits), split);
  await terminal.print(stringify({ ranges }));
}
