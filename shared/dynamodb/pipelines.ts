import type { PipelineRecord } from "../core/ledger/pipeline-record.ts";
import { followsRevision } from "./conditional-write.ts";
import { pipelineKey, pipelinesListing } from "./items/attributes/keys.ts";
import { decodePipeline, encodePipeline, OPTIONAL_PIPELINE_ATTRIBUTES } from "./items/pipeline-codec.ts";
import { type LedgerStore, queryItems, readItem, updateItem } from "./ledger-store.ts";
import { done, untilStored } from "./until-stored.ts";

export async function* listPipelines(store: LedgerStore): AsyncGenerator<PipelineRecord, void, undefined> {
  for await (const item of queryItems(store, pipelinesListing)) {
    yield decodePipeline(item).record;
  }
}

export async function readPipeline(store: LedgerStore, pipeline: string): Promise<PipelineRecord | undefined> {
  const item = await readItem(store, pipelineKey(pipeline));
  return item === undefined ? undefined : decodePipeline(item).record;
}

/**
 * Whether the record took its place after the revision before it; a lost answer is found again by the
 * write's own id (L4).
 */
export async function writePipeline(store: LedgerStore, record: PipelineRecord): Promise<boolean> {
  const writeId = store.newId();
  const state = { item: encodePipeline({ record, writeId }), optional: OPTIONAL_PIPELINE_ATTRIBUTES };
  return untilStored(store, `the record of pipeline ${record.pipeline}`, async () => {
    const outcome = await updateItem(store, state, followsRevision(record.revision));
    switch (outcome.kind) {
      case "stored":
        return done(true);
      case "refused":
        return done(outcome.present !== undefined && decodePipeline(outcome.present).writeId === writeId);
      case "contended":
        return outcome;
    }
  });
}
