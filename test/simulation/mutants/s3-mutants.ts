// Bugs of the S3 archive, and of what the processor does with work that an output has prepared.

import { type Mutant, planting } from "./mutant.ts";

const COMMITS = "functions/processor/output/output-commits.ts";
const SETTLE = "shared/archive/settle-memo.ts";
const UPLOADS = "shared/s3/multipart-uploads.ts";

/** As mutants.ts has them. */
const FIRST_SEEDS: Readonly<Record<string, number>> = {
  "take an upload that is gone for one that took no effect, and remove what it became without a lease": 92,
  "give up a record that is prepared with others": 1_140,
  "forget what an earlier attempt has prepared": 403,
  "take an upload that is gone for completed": 502,
};

const mutant = planting({ output: "s3" }, FIRST_SEEDS);

export const S3_MUTANTS: readonly Mutant[] = [
  mutant("complete a range whose uploads are not completed", [
    SETTLE,
    "await uploads.complete(object, object.parts)",
    '"completed" as Awaited<ReturnType<typeof uploads.complete>>',
  ]),
  mutant("complete uploads before the ledger remembers them", [
    COMMITS,
    "    const remembered = await ledger.changeRange(",
    "    await output.settle?.(memo, range);\n    const remembered = await ledger.changeRange(",
  ]),
  mutant("complete uploads after the lease is lost", [
    COMMITS,
    'remembered.kind !== "changed"',
    'remembered.kind === "missing"',
  ]),
  mutant("forget what an earlier attempt has prepared", [
    "functions/processor/output/settle-prepared.ts",
    "await output.settle(work.memo, range)",
    '"nothing" as Awaited<ReturnType<typeof output.settle>>',
  ]),
  mutant(
    "take an upload that is gone for one that took no effect, and remove what it became without a lease",
    [SETTLE, "if (found === undefined) {", "if (found === undefined || found.bytes > 0) {"],
    [SETTLE, "if (!mayRemove()) {", "if (!mayRemove() && found.bytes < 0) {"],
  ),
  mutant("take an upload that is gone for completed", [UPLOADS, 'NoSuchUpload: "gone"', 'NoSuchUpload: "completed"']),
  mutant("take a completion for done that failed after its answer began", [
    UPLOADS,
    'answer.body.includes("<Error>")',
    'answer.body.includes("<Errors>")',
  ]),
  mutant("give up a record that is prepared with others", [
    "shared/core/range/operator-event.ts",
    "offset < prepared.untilOffset",
    "offset < 0n",
  ]),
  mutant("name what a second commit writes as the first", [
    "shared/archive/open-archive.ts",
    "range: this.#range, fromOffset: this.#fromOffset }",
    "range: this.#range, fromOffset: this.#range.rangeFrom }",
  ]),
];
