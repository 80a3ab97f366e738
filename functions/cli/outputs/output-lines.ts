import { tabulate } from "../output/tabulate.ts";
import type { OutputProof } from "./output-proof.ts";

/** Problems first, then what each store has. */
export function outputLines(proofs: readonly OutputProof[]): readonly string[] {
  if (proofs.length === 0) {
    return ["no output was held against the ledger"];
  }
  const problems = proofs.flatMap(({ pipelines, output, place, problems: found }) =>
    found.map(({ kind, message }) => `${pipelines.join(", ")}: ${kind}: ${output} at ${place}: ${message}`),
  );
  const rows = proofs.map((proof) => [
    proof.pipelines.join(", "),
    proof.output,
    proof.place,
    ...[proof.ranges, proof.objects, proof.records, proof.bytes, proof.manifests, proof.forgotten].map(
      (count) => count?.toString() ?? "-",
    ),
    proof.problems.length === 0 ? "none" : proof.problems.length.toString(),
  ]);
  return [...problems, ...tabulate([HEADER, ...rows])];
}

const HEADER = [
  "PIPELINE",
  "OUTPUT",
  "PLACE",
  "RANGES",
  "OBJECTS",
  "RECORDS",
  "BYTES",
  "MANIFESTS",
  "FORGOTTEN",
  "PROBLEMS",
];
