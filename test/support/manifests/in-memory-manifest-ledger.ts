import type { ManifestLedger, ManifestProgress } from "../../../shared/core/ledger/manifest-ledger.ts";
import type { InMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";
import { stringify } from "../../../shared/wire/json/json.ts";

export interface InMemoryManifestLedger extends ManifestLedger {
  /** Forgets how far the writer is, as whoever deletes the record does. */
  forgetProgress(): void;
}

/** The ranges of `ledger`, and the writer's own record. */
export function createInMemoryManifestLedger<Output>(ledger: InMemoryRangeLedger<Output>): InMemoryManifestLedger {
  const stored = new Map<string, ManifestProgress>();
  const seen = { requests: "", revision: 0 };
  return {
    readPipeline: (pipeline) => ledger.readPipeline(pipeline),
    newestRange: (chain) => ledger.newestRange(chain),
    rangesWithin: (chain, bounds) => ledger.rangesWithin(chain, bounds),
    reprocessRequests: (pipeline) => ledger.reprocessRequests(pipeline),
    reprocessRanges: (pipeline, requestId) => ledger.reprocessRanges(pipeline, requestId),
    newestBelow: async (chain, untilOffset) =>
      (await Array.fromAsync(ledger.rangesWithin(chain, { fromOffset: 0n, untilOffset }))).at(-1),
    requestsRevision: async (pipeline) => {
      const all = await Array.fromAsync(ledger.reprocessRequests(pipeline));
      const requests = stringify([all, await ledger.openReprocesses(pipeline)]);
      if (requests !== seen.requests && all.length > 0) {
        seen.requests = requests;
        seen.revision += 1;
      }
      return seen.revision;
    },
    readManifestProgress: async (pipeline) => stored.get(pipeline) ?? { pipeline, revision: 0, waiting: [] },
    writeManifestProgress: async (progress) => {
      const isNext = (stored.get(progress.pipeline)?.revision ?? 0) + 1 === progress.revision;
      if (isNext) {
        stored.set(progress.pipeline, progress);
      }
      return isNext;
    },
    forgetProgress: () => stored.clear(),
  };
}
