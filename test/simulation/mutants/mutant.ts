import type { OutputKind } from "../outputs/output-kind.ts";
import type { ScriptName } from "../scripts.ts";

export interface Mutant {
  readonly name: string;
  /** Where the outputs of its runs go. */
  readonly output: OutputKind;
  /** Whether the code of its runs rejects records. @default false */
  readonly rejects?: true;
  readonly edits: readonly Edit[];
  /** The seed to begin with: one that found it. Seeds from there on find it as well, only later. Or a script that finds it. */
  readonly first: number | ScriptName;
}

export interface Edit {
  /** From the repository's top. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** Edits, in short. */
export type PlantedEdits = readonly (readonly [file: string, find: string, replace: string])[];

/** Makes the bugs of runs of one kind; `firstSeeds` by their names, the first seed of all for the others. */
export function planting(
  runs: Pick<Mutant, "output" | "rejects">,
  firstSeeds: Readonly<Record<string, Mutant["first"]>>,
): (name: string, ...edits: PlantedEdits) => Mutant {
  return (name, ...edits) => ({
    name,
    ...runs,
    first: firstSeeds[name] ?? 1,
    edits: edits.map(([file, find, replace]) => ({ file, find, replace })),
  });
}
