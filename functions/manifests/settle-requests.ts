// Settle requests
//
// The batches of reprocess requests, once their request is completed: until then more of them may
// follow, and who waits for their objects waits for the request.
//
//   SRE1  Nothing is read of any request while their revision is the one that was looked at.
//   SRE2  That one is kept only once all of every completed request stands.

import type { SeenRequests } from "../../shared/core/ledger/manifest-ledger.ts";
import type { ReprocessRequest } from "../../shared/core/ledger/reprocess-request.ts";
import { BATCH_SETTLED_MS, MANIFESTS_FIRST_LOOK_BACK_MS } from "../../shared/core/limits.ts";
import { isClosed } from "../../shared/core/range/range-record.ts";
import { batchesOf, begunAt } from "./batch-manifests.ts";
import type { ManifestRun } from "./manifest-run.ts";
import { writeManifestsOf } from "./settle-batch.ts";

/** What was seen before, where something has to be looked at again. */
export async function settleRequests(
  run: ManifestRun,
  seen: SeenRequests | undefined,
): Promise<SeenRequests | undefined> {
  const { deps, rules, now, rememberedSince } = run;
  const revision = await deps.ledger.requestsRevision(rules.pipeline);
  if (seen?.revision === revision) {
    return seen;
  }
  const since = Math.max(seen?.since ?? now - MANIFESTS_FIRST_LOOK_BACK_MS, rememberedSince);
  let isSettled = true;
  for await (const request of deps.ledger.reprocessRequests(rules.pipeline)) {
    if (request.completion !== undefined && request.completion.completedAt >= since) {
      isSettled = (await settleRequest(run, request)) && isSettled;
    }
  }
  // The clock of who completes a request may be behind.
  return isSettled ? { revision, since: now - BATCH_SETTLED_MS } : seen;
}

/** Whether nothing of it is left to do. */
async function settleRequest(run: ManifestRun, { pipeline, requestId }: ReprocessRequest): Promise<boolean> {
  const { deps, now, rememberedSince, found } = run;
  const ranges = await Array.fromAsync(deps.ledger.reprocessRanges(pipeline, requestId));
  let isSettled = true;
  for (const batch of batchesOf(ranges)) {
    const began = begunAt(batch);
    if (began < rememberedSince) {
      found.givenUp.push(...batch.slice(0, 1).map(({ batchId }) => batchId));
    } else if (began + BATCH_SETTLED_MS > now || !batch.every(isClosed)) {
      isSettled = false;
    } else {
      isSettled = (await writeManifestsOf(run, batch)) && isSettled;
    }
  }
  return isSettled;
}
