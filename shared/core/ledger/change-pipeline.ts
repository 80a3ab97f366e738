import { LedgerUnavailableError } from "../errors.ts";
import { MAX_CHANGE_TRIES } from "../limits.ts";
import type { PipelineRecord } from "./pipeline-record.ts";
import type { RangeLedger } from "./range-ledger.ts";

/** What a change decides of a pipeline's record; its name and revision are given by the write. */
export type PipelineFacts = Omit<PipelineRecord, "pipeline" | "revision">;

/**
 * Reads the pipeline's record, changes it and writes it, again when another writer came first.
 * `change` is given the present record and answers all its facts, those that it does not own as
 * they are, or undefined where nothing is left to change. Answers the record as it is afterwards.
 */
export async function changePipeline(
  ledger: Pick<RangeLedger<never>, "readPipeline" | "writePipeline">,
  pipeline: string,
  change: (present: PipelineRecord | undefined) => PipelineFacts | undefined,
): Promise<PipelineRecord | undefined> {
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const present = await ledger.readPipeline(pipeline);
    const facts = change(present);
    if (facts === undefined) {
      return present;
    }
    const next = { ...facts, pipeline, revision: (present?.revision ?? 0) + 1 };
    if (await ledger.writePipeline(next)) {
      return next;
    }
  }
  throw new LedgerUnavailableError(
    `the record of pipeline ${pipeline} changed under each of ${MAX_CHANGE_TRIES} tries; the next run tries again`,
  );
}

/** As changePipeline; where there is nothing to change in `seen`, that is the answer, and nothing is read or written. */
export async function changePipelineFrom(
  ledger: Pick<RangeLedger<never>, "readPipeline" | "writePipeline">,
  { pipeline, seen }: { readonly pipeline: string; readonly seen: PipelineRecord | undefined },
  change: (present: PipelineRecord | undefined) => PipelineFacts | undefined,
): Promise<PipelineRecord | undefined> {
  return change(seen) === undefined ? seen : changePipeline(ledger, pipeline, change);
}
