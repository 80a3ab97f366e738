// Settle batch: what becomes of one batch of the scheduler whose run is over.

import type { OpenRange, WaitingBatch } from "../../shared/core/ledger/manifest-ledger.ts";
import type { PipelineRecord } from "../../shared/core/ledger/pipeline-record.ts";
import { readRange } from "../../shared/core/ledger/read-range.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import { isClosed, type RangeRecord } from "../../shared/core/range/range-record.ts";
import { MAX_CONCURRENT_LOOKS } from "../../shared/s3/limits.ts";
import { type BatchManifest, begunAt, manifestsOf } from "./batch-manifests.ts";
import { createManifest } from "./create-manifest.ts";
import type { ManifestRun } from "./manifest-run.ts";
import { plannedBatch } from "./planned-batches.ts";

/** Empty once its manifests stand; else what it waits for. */
export async function settleBatch(run: ManifestRun, batch: readonly RangeRecord[]): Promise<readonly WaitingBatch[]> {
  const [first] = batch;
  if (first === undefined) {
    return [];
  }
  const { batchId } = first;
  const open = batch.find((range) => !isClosed(range));
  if (open !== undefined) {
    return [{ batchId, begunAt: begunAt(batch), openRange: openRangeOf(open) }];
  }
  return (await writeManifestsOf(run, batch)) ? [] : [{ batchId, begunAt: begunAt(batch) }];
}

/** The same batch where it goes on waiting for the same range. */
export async function settleWaiting(
  run: ManifestRun,
  record: PipelineRecord,
  batch: WaitingBatch,
): Promise<readonly WaitingBatch[]> {
  const { deps, rememberedSince, found } = run;
  if (batch.openRange !== undefined && batch.begunAt >= rememberedSince) {
    if (await isOpen(run, record.pipeline, batch.openRange)) {
      return [batch];
    }
  }
  const ranges = batch.begunAt < rememberedSince ? [] : await plannedBatch(deps.ledger, record, batch);
  found.givenUp.push(...(ranges.length === 0 ? [batch.batchId] : []));
  return settleBatch(run, ranges);
}

/** Whether all that is this function's to write stands. The batch is complete. */
export async function writeManifestsOf(run: ManifestRun, batch: readonly RangeRecord[]): Promise<boolean> {
  const { deps, rules, found, now, rememberedSince } = run;
  const manifests = manifestsOf(batch, { now, rememberedSince });
  const isOwn = ({ bucket, prefix }: BatchManifest) => bucket === rules.bucketName && prefix.startsWith(rules.prefix);
  const own = manifests.filter(isOwn);
  found.elsewhere.push(...manifests.filter((one) => !isOwn(one)).map(({ bucket, key }) => `s3://${bucket}/${key}`));
  const outcomes = await mapConcurrently(own, MAX_CONCURRENT_LOOKS, async (manifest) => {
    const outcome = await createManifest(deps.bucket, manifest);
    const keys = { written: found.written, present: found.present, differs: found.differing };
    keys[outcome].push(manifest.key);
    return outcome;
  });
  return outcomes.every((outcome) => outcome !== "differs");
}

/** What was split off the range since, or was forgotten, is closed. */
async function isOpen(
  { deps }: ManifestRun,
  pipeline: string,
  { topicId, partition, fromOffset }: OpenRange,
): Promise<boolean> {
  const range = await readRange(deps.ledger, { chain: { pipeline, topicId, partition }, fromOffset });
  return range !== undefined && !isClosed(range);
}

function openRangeOf({ chain, fromOffset }: RangeRecord): OpenRange {
  return { topicId: chain.topicId, partition: chain.partition, fromOffset };
}
