import { LedgerUnavailableError } from "../core/errors.ts";
import type { PipelineRecord } from "../core/ledger/pipeline-record.ts";
import { MAX_CHANGE_TRIES } from "../core/limits.ts";
import { followsRevision } from "./conditional-write.ts";
import { pipelineKey, pipelinesListing } from "./items/keys.ts";
import { decodePipeline, encodePipeline, OPTIONAL_PIPELINE_ATTRIBUTES } from "./items/pipeline-codec.ts";
import { type LedgerStore, pauseAfterContention, queryItems, readItem, updateItem } from "./ledger-store.ts";

export async function* listPipelines(store: LedgerStore): AsyncGenerator<PipelineRecord, void, undefined> {
  for await (const item of queryItems(store, pipelinesListing)) {
    yield decodePipeline(item).record;
  }
}

export async function readPipeline(store: LedgerStore, pipeline: string): Promise<PipelineRecord | undefined> {
  const item = await readItem(store, pipelineKey(pipeline));
  return item === undefined ? undefined : decodePipeline(item).record;
}

export async function writePipeline(store: LedgerStore, record: PipelineRecord): Promise<boolean> {
  const writeId = store.newId();
  const state = { item: encodePipeline({ record, writeId }), optional: OPTIONAL_PIPELINE_ATTRIBUTES };
  for (let tries = 0; tries < MAX_CHANGE_TRIES; tries += 1) {
    const outcome = await updateItem(store, state, followsRevision(record.revision));
    switch (outcome.kind) {
      case "stored":
        return true;
      case "refused":
        return outcome.present !== undefined && decodePipeline(outcome.present).writeId === writeId;
      case "contended":
        await pauseAfterContention(store, tries);
    }
  }
  throw new LedgerUnavailableError(
    `other writes were in the way of the record of pipeline ${record.pipeline} in each of ${MAX_CHANGE_TRIES} tries`,
  );
}
