// Bugs of the list of rejected offsets, and of what a letter is taken for.

import type { OutputKind } from "../outputs/output-kind.ts";
import { type Mutant, type PlantedEdits, planting } from "./mutant.ts";

/** As mutants.ts has them. */
const FIRST_SEEDS: Readonly<Record<string, number>> = {
  "tell the ledger what a store has without what it rejected": 304,
  "settle what is prepared without what it rejected": 110,
};

const LIST = "shared/core/offsets/rejected-offsets.ts";

export const REJECT_MUTANTS: readonly Mutant[] = [
  mutant("keep of the rejected offsets those of the last commit", "dynamodb", [
    LIST,
    "joinLists(rejectedOffsets, more)",
    "joinLists([], more)",
  ]),
  mutant("tell the ledger what a store has without what it rejected", "postgres", [
    "functions/processor/output/output-progress.ts",
    'return list === "" || whole.length > MAX_PROGRESS_LENGTH ? text : whole;',
    'return list === "" || whole.length > 0 ? text : whole;',
  ]),
  mutant("settle what is prepared without what it rejected", "s3", [
    "functions/processor/output/settle-prepared.ts",
    "omitUndefined({ rejectedOffsets, leaderEpoch, receipt })",
    "omitUndefined({ leaderEpoch, receipt })",
  ]),
  mutant("take a letter for the ledger's word", "dynamodb", [
    "functions/cli/letters/letter-fate.ts",
    'return said === "unlisted" ? said : said ? "rejected" : otherwise;',
    'return said === "unlisted" ? said : offset >= 0n ? "rejected" : otherwise;',
  ]),
];

function mutant(name: string, output: OutputKind, ...edits: PlantedEdits): Mutant {
  return planting({ output, rejects: true }, FIRST_SEEDS)(name, ...edits);
}
