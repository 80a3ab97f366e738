// In-memory requests: the pipelines and the reprocess requests of the ledger in memory.

import type { PipelineRecord } from "../core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../core/ledger/range-ledger.ts";
import { newProgress, type ReprocessProgress, type ReprocessRequest } from "../core/ledger/reprocess-request.ts";

type RequestVerbs = Pick<
  RangeLedger<never>,
  | "pipelines"
  | "readPipeline"
  | "writePipeline"
  | "readReprocess"
  | "requestReprocess"
  | "reprocessRequests"
  | "openReprocesses"
  | "changeReprocess"
  | "completeReprocess"
>;

/** `onWrite` is called for each write of a pipeline's record, and of how far a request is. */
export function createInMemoryRequests(onWrite: () => void): RequestVerbs {
  const pipelines = new Map<string, PipelineRecord>();
  const requests = new Map<string, ReprocessRequest>();
  const open = new Map<string, { readonly pipeline: string; readonly progress: ReprocessProgress }>();
  return {
    pipelines: () => iterate(inKeyOrder(pipelines)),
    readPipeline: async (pipeline) => pipelines.get(pipeline),
    writePipeline: async (record) => {
      const isNext = (pipelines.get(record.pipeline)?.revision ?? 0) + 1 === record.revision;
      if (isNext) {
        onWrite();
        pipelines.set(record.pipeline, record);
      }
      return isNext;
    },
    readReprocess: async (pipeline, requestId) => requests.get(`${pipeline}#${requestId}`),
    requestReprocess: async (request) => {
      const { pipeline, requestId } = request;
      const key = `${pipeline}#${requestId}`;
      const stored = requests.get(key) ?? request;
      requests.set(key, stored);
      if (stored.completion === undefined && !open.has(key)) {
        open.set(key, { pipeline, progress: newProgress(requestId) });
      }
      return stored;
    },
    reprocessRequests: (pipeline) => iterate(inKeyOrder(requests).filter((one) => one.pipeline === pipeline)),
    openReprocesses: async (pipeline) =>
      inKeyOrder(open)
        .filter((one) => one.pipeline === pipeline)
        .map(({ progress }) => progress),
    changeReprocess: async (pipeline, requestId, change) => {
      const present = open.get(`${pipeline}#${requestId}`)?.progress;
      const next = present === undefined ? undefined : change(present);
      if (next === undefined) {
        return present;
      }
      onWrite();
      open.set(`${pipeline}#${requestId}`, { pipeline, progress: next });
      return next;
    },
    completeReprocess: async ({ pipeline, requestId }, completedAt) => {
      const key = `${pipeline}#${requestId}`;
      const [stored, progress] = [requests.get(key), open.get(key)?.progress];
      open.delete(key);
      if (stored !== undefined && progress !== undefined) {
        const { settled, outcomes, cancelled } = progress;
        const completion = { completedAt, settled, outcomes, ...(cancelled === undefined ? {} : { cancelled }) };
        requests.set(key, { ...stored, completion });
      }
    },
  };
}

export function inKeyOrder<Value>(entries: ReadonlyMap<string, Value>): readonly Value[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

export async function* iterate<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  yield* items;
}
