// Pipeline ledger
//
// One pipeline's view of a ledger that pipelines share. An event that was misrouted,
// redriven or written by hand may name a range of any of them; whoever works for one
// pipeline holds such a view, and cannot touch what is another's (L7).

import { ForeignPipelineError } from "../errors.ts";
import { formatOffsetRange } from "../range/offset-range.ts";
import type { ChainKey, RangeRecord } from "../range/range-record.ts";
import type { RangeLedger } from "./range-ledger.ts";

/** The ledger as far as it is the pipeline's. Every verb throws ForeignPipelineError for a key of another one. */
export function createPipelineLedger<Output>(ledger: RangeLedger<Output>, ownPipeline: string): RangeLedger<Output> {
  const requireOwn = (pipeline: string, describe: () => string) => {
    if (pipeline !== ownPipeline) {
      throw new ForeignPipelineError(describe(), { pipeline, ownPipeline });
    }
  };
  const ofRange = (record: RangeRecord) => requireOwn(record.chain.pipeline, () => formatOffsetRange(record));
  const ofChain = ({ pipeline, topicId, partition }: ChainKey) =>
    requireOwn(pipeline, () => `partition ${partition} of topic id ${topicId}`);
  const ofPipeline = (pipeline: string) => requireOwn(pipeline, () => "the record of the pipeline");
  const ofRequest = (pipeline: string, requestId?: string) =>
    requireOwn(pipeline, () => (requestId === undefined ? "a reprocess request" : `reprocess request ${requestId}`));
  return {
    newestRange: async (chain) => {
      ofChain(chain);
      return ledger.newestRange(chain);
    },
    planRange: async (record) => {
      ofRange(record);
      return ledger.planRange(record);
    },
    changeRange: async (seen, event, outputs) => {
      ofRange(seen);
      return ledger.changeRange(seen, event, outputs);
    },
    splitRange: async (seen, split) => {
      ofRange(seen);
      return ledger.splitRange(seen, split);
    },
    ranges: (chain) => {
      ofChain(chain);
      return ledger.ranges(chain);
    },
    rangesWithin: (chain, bounds) => {
      ofChain(chain);
      return ledger.rangesWithin(chain, bounds);
    },

    // Their names are no secret, and a mistyped one is answered with them.
    pipelines: () => ledger.pipelines(),
    readPipeline: async (pipeline) => {
      ofPipeline(pipeline);
      return ledger.readPipeline(pipeline);
    },
    writePipeline: async (record) => {
      ofPipeline(record.pipeline);
      return ledger.writePipeline(record);
    },

    readReprocess: async (pipeline, requestId) => {
      ofRequest(pipeline, requestId);
      return ledger.readReprocess(pipeline, requestId);
    },
    requestReprocess: async (request) => {
      ofRequest(request.pipeline, request.requestId);
      return ledger.requestReprocess(request);
    },
    reprocessRequests: (pipeline) => {
      ofRequest(pipeline);
      return ledger.reprocessRequests(pipeline);
    },
    openReprocesses: async (pipeline) => {
      ofRequest(pipeline);
      return ledger.openReprocesses(pipeline);
    },
    changeReprocess: async (pipeline, requestId, change) => {
      ofRequest(pipeline, requestId);
      return ledger.changeReprocess(pipeline, requestId, change);
    },
    completeReprocess: async (request, completedAt, retentionMs) => {
      ofRequest(request.pipeline, request.requestId);
      return ledger.completeReprocess(request, completedAt, retentionMs);
    },
    reprocessRanges: (pipeline, requestId) => {
      ofRequest(pipeline, requestId);
      return ledger.reprocessRanges(pipeline, requestId);
    },
  };
}
