/** Where a run's outputs go: into the ledger's own transactions, or to a store of their own. */
export type OutputKind = "dynamodb" | "s3" | "postgres" | "kafka";

/** Of a run that says nothing else, by its seed: two of five write into the ledger's transactions. */
const OF_SEED = ["dynamodb", "dynamodb", "s3", "postgres", "kafka"] as const;

export const OUTPUT_KINDS: readonly OutputKind[] = [...new Set(OF_SEED)];

export function outputOfSeed(seed: number): OutputKind {
  return OF_SEED[seed % OF_SEED.length] ?? "dynamodb";
}

/** Whether the pipeline's code rejects records, in a third of the seeds. */
export function rejectsOfSeed(seed: number): boolean {
  return seed % 3 === 0;
}
