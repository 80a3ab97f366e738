// Bugs of the output in PostgreSQL, and of how the processor follows a store that keeps its position.

import { type Mutant, planting } from "./mutant.ts";

const TABLE = "shared/postgres/output/position-table.ts";
const PLAY = "shared/postgres/output/play-transaction.ts";
const COMMITS = "functions/processor/output/output-commits.ts";
const FOLLOW = "functions/processor/output/follow-position.ts";

/** As mutants.ts has them. */
const FIRST_SEEDS: Readonly<Record<string, number>> = {
  "skip a record without a look at what the store has": 770,
  "take a store for lost that was never written to": 68,
};

const mutant = planting({ output: "postgres" }, FIRST_SEEDS);

export const POSTGRES_MUTANTS: readonly Mutant[] = [
  mutant("complete a range without the commit of its rows", [
    COMMITS,
    "await open.commit({ fromPosition: this.#position, untilOffset, progress });",
    "",
  ]),
  mutant("leave the fence out", [TABLE, " AND opened_by = $6 AND until_offset IS NOT DISTINCT FROM $7::bigint", ""]),
  mutant("commit rows whose position did not move", [
    TABLE,
    "SELECT 1 / count(*) FROM moved",
    "SELECT count(*) FROM moved",
  ]),
  mutant("open a position without a claim", [TABLE, "SET opened_by = excluded.opened_by, topic", "SET topic"]),
  mutant("take a commit whose answer was lost for one that took effect", [
    PLAY,
    'return { kind: "unknown", cause, isLate };',
    'return { kind: "committed" };',
  ]),
  mutant("read on where the ledger is although the store is ahead", [
    FOLLOW,
    "return { ...progress, untilOffset: position.untilOffset };",
    "return undefined;",
  ]),
  mutant("skip a record without a look at what the store has", [
    "functions/processor/attempt/run-attempt.ts",
    "let isFollowed = deps.output === undefined;",
    "let isFollowed = true;",
  ]),
  mutant("take a store for lost that was never written to", [
    FOLLOW,
    "hasOwnPosition(record) || record.committedOffset <= fromOffset",
    "hasOwnPosition(record) || record.committedOffset < fromOffset",
  ]),
];
