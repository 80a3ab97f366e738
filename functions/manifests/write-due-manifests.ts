// Write due manifests
//
// One run of the function that gives finished batches their manifests. It goes on where the last one
// stopped, as the ledger keeps it: by time for the scheduler's batches, with a list of those that wait for a range, and by
// the requests' revision for reprocessing.
//
//   WDM1  How far it is is written last: killed at any moment, a run leaves whole manifests, and the next one looks at
//         the same batches again.
//   WDM2  Of two runs at once the progress of one is kept, and both have made the same manifests.
//   WDM3  A batch that stands is not read again, and of one that waits only the range that it waits for.
//   WDM4  Where nothing was planned since, nothing is written, neither to the bucket nor to the ledger.
//   WDM5  A batch that is older than what the table surely remembers is given up, and told (BM2).

import type { ManifestProgress, WaitingBatch } from "../../shared/core/ledger/manifest-ledger.ts";
import {
  BATCH_SETTLED_MS,
  MANIFESTS_FIRST_LOOK_BACK_MS,
  MANIFESTS_LOOK_BACK_MS,
  MAX_MANIFEST_WINDOWS,
  MAX_WAITING_BATCHES,
} from "../../shared/core/limits.ts";
import type { DueManifestDeps, DueManifestRules, DueManifests, ManifestRun } from "./manifest-run.ts";
import { plannedBatches } from "./planned-batches.ts";
import { settleBatch, settleWaiting } from "./settle-batch.ts";
import { settleRequests } from "./settle-requests.ts";

export async function writeDueManifests(deps: DueManifestDeps, rules: DueManifestRules): Promise<DueManifests> {
  const now = deps.now();
  const found = { written: [], present: [], differing: [], elsewhere: [], givenUp: [], waiting: 0 };
  const run: ManifestRun = { deps, rules, found, now, rememberedSince: now - MANIFESTS_LOOK_BACK_MS };
  const { ledger } = deps;
  let progress: ManifestProgress | undefined = await ledger.readManifestProgress(rules.pipeline);
  for (const step of [stepRequests, stepWaiting, stepBatches]) {
    progress = progress === undefined ? undefined : await step(run, progress);
  }
  found.waiting = progress?.waiting.length ?? 0;
  return found;
}

/** Undefined where another run came first: it goes on with the rest. */
type Step = (run: ManifestRun, progress: ManifestProgress) => Promise<ManifestProgress | undefined>;

const stepRequests: Step = async (run, progress) => {
  const requests = await settleRequests(run, progress.requests);
  return requests === undefined || requests === progress.requests ? progress : keep(run, { ...progress, requests });
};

const stepWaiting: Step = async (run, progress) => {
  const record = progress.waiting.length === 0 ? undefined : await run.deps.ledger.readPipeline(run.rules.pipeline);
  if (record === undefined) {
    return progress;
  }
  const waiting = [];
  for (const batch of progress.waiting) {
    waiting.push(...(await settleWaiting(run, record, batch)));
  }
  const isSame = waiting.length === progress.waiting.length && waiting.every((one, at) => one === progress.waiting[at]);
  return isSame ? progress : keep(run, { ...progress, waiting });
};

const stepBatches: Step = async (run, before) => {
  const { deps, rules, now, rememberedSince } = run;
  const record = await deps.ledger.readPipeline(rules.pipeline);
  const end = now - BATCH_SETTLED_MS;
  let progress: ManifestProgress | undefined = before;
  let since = Math.max(before.settledBefore ?? now - MANIFESTS_FIRST_LOOK_BACK_MS, rememberedSince);
  for (let windows = 0; record !== undefined && windows < MAX_MANIFEST_WINDOWS; windows += 1) {
    if (since >= end || progress === undefined || (windows > 0 && deps.now() >= rules.endsAt)) {
      break;
    }
    const { until, batches, isIdle } = await plannedBatches(deps.ledger, record, { since, until: end });
    const waiting: WaitingBatch[] = [...progress.waiting];
    for (const batch of batches) {
      waiting.push(...(await settleBatch(run, batch)));
    }
    progress = isIdle
      ? progress
      : await keep(run, { ...progress, settledBefore: until, waiting: limited(run, waiting) });
    since = until;
  }
  return progress;
};

/** The youngest: those that have waited for the longest have an operator's attention already, or nobody's. */
function limited({ found }: ManifestRun, waiting: ManifestProgress["waiting"]): ManifestProgress["waiting"] {
  const byAge = waiting.toSorted((a, b) => a.begunAt - b.begunAt);
  const excess = Math.max(byAge.length - MAX_WAITING_BATCHES, 0);
  found.givenUp.push(...byAge.slice(0, excess).map(({ batchId }) => batchId));
  return byAge.slice(excess);
}

async function keep(
  { deps }: ManifestRun,
  { revision, ...progress }: ManifestProgress,
): Promise<ManifestProgress | undefined> {
  const next = { ...progress, revision: revision + 1 };
  return (await deps.ledger.writeManifestProgress(next)) ? next : undefined;
}
