// In-memory range ledger
//
// The ledger's contract without a store: what the unit and property tests run
// on, held to the same contract suite as the DynamoDB adapter.

import assert from "node:assert/strict";
import { OutputLimitError } from "../../../shared/core/errors.ts";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type {
  ChangeOutcome,
  PlanOutcome,
  RangeLedger,
  SplitOutcome,
} from "../../../shared/core/ledger/range-ledger.ts";
import {
  newProgress,
  type ReprocessProgress,
  type ReprocessRequest,
} from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../../shared/core/limits.ts";
import type { ChainKey, RangeRecord } from "../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../shared/core/range/range-status.ts";
import { splitRange } from "../../../shared/core/range/split-range.ts";

export interface InMemoryRangeLedger<Output> extends RangeLedger<Output> {
  /** Every output that took effect, in order. */
  readonly outputs: readonly Output[];
  /** Every live and reprocess record, in key order. */
  all(): readonly RangeRecord[];
  /** Puts a record in place whatever was there: for arranging a test. */
  put(record: RangeRecord): void;
  /** Forgets a record, as a lost table would. */
  forget(record: RangeRecord): void;
  /** How many writes took effect. */
  readonly writes: number;
}

export function createInMemoryRangeLedger<Output = never>(): InMemoryRangeLedger<Output> {
  const records = new Map<string, RangeRecord>();
  const pipelines = new Map<string, PipelineRecord>();
  const requests = new Map<string, ReprocessRequest>();
  const open = new Map<string, { readonly pipeline: string; readonly progress: ReprocessProgress }>();
  const outputs: Output[] = [];
  let writes = 0;

  const store = (record: RangeRecord) => {
    writes += 1;
    records.set(keyOf(record), record);
    return record;
  };
  const inOrder = () => inKeyOrder(records);
  const ofChain = (chain: ChainKey) => inOrder().filter((record) => chainOf(record.chain) === chainOf(chain));

  return {
    outputs,
    all: inOrder,
    put: (record) => void records.set(keyOf(record), record),
    forget: (record) => void records.delete(keyOf(record)),
    get writes() {
      return writes;
    },
    newestRange: async (chain) => ofChain(chain).at(-1),
    planRange: async (record): Promise<PlanOutcome> => {
      const present = records.get(keyOf(record));
      const isFree = present === undefined || (present.status === "ANCHOR" && record.status !== "ANCHOR");
      if (isFree) {
        return { kind: "planned", record: store(record) };
      }
      return { kind: present.writeId === record.writeId ? "planned" : "collided", record: present };
    },
    changeRange: async (seen, event, added = []): Promise<ChangeOutcome> => {
      assert.ok(
        added.length === 0 || event.kind === "commit" || event.kind === "complete",
        `${event.kind} events carry no outputs`,
      );
      if (added.length > MAX_OUTPUTS_PER_COMMIT) {
        throw new OutputLimitError(`${added.length} outputs exceed ${MAX_OUTPUTS_PER_COMMIT} per commit`);
      }
      const present = records.get(keyOf(seen));
      if (present === undefined) {
        return { kind: "missing" };
      }
      const transition = applyEvent(present, event, `memory-${writes}`);
      if (transition.kind === "refused") {
        return { ...transition, record: present };
      }
      outputs.push(...added);
      return { kind: "changed", record: store(transition.record) };
    },
    splitRange: async (seen, split): Promise<SplitOutcome> => {
      const present = records.get(keyOf(seen));
      if (present === undefined) {
        return { kind: "missing" };
      }
      const transition = splitRange(present, split, `memory-${writes}`);
      if (transition.kind === "refused") {
        return { ...transition, record: present };
      }
      const { first, rest } = transition;
      const inTheWay = rest === undefined ? undefined : records.get(keyOf(rest));
      if (inTheWay !== undefined) {
        return { kind: "collided", record: inTheWay };
      }
      return { kind: "split", first: store(first), ...(rest === undefined ? {} : { rest: store(rest) }) };
    },
    ranges: (chain) => iterate(ofChain(chain)),
    rangesWithin: (chain, { fromOffset, untilOffset }) =>
      iterate(ofChain(chain).filter((record) => fromOffset <= record.fromOffset && record.fromOffset < untilOffset)),

    pipelines: () => iterate(inKeyOrder(pipelines)),
    readPipeline: async (pipeline) => pipelines.get(pipeline),
    writePipeline: async (record) => {
      const isNext = (pipelines.get(record.pipeline)?.revision ?? 0) + 1 === record.revision;
      if (isNext) {
        writes += 1;
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
      writes += 1;
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
    reprocessRanges: (pipeline, requestId) =>
      iterate(inOrder().filter(({ chain }) => chain.pipeline === pipeline && chain.requestId === requestId)),
  };
}

function chainOf({ pipeline, topicId, partition, requestId }: ChainKey): string {
  const owner = requestId === undefined ? "live" : `request ${requestId}`;
  // Padded, so that the key's order is the partitions'.
  return [pipeline, owner, topicId, partition.toString().padStart(10, "0")].join("#");
}

function keyOf({ chain, fromOffset }: Pick<RangeRecord, "chain" | "fromOffset">): string {
  return `${chainOf(chain)}#${fromOffset.toString().padStart(19, "0")}`;
}

function inKeyOrder<Value>(entries: ReadonlyMap<string, Value>): readonly Value[] {
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

async function* iterate<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  yield* items;
}
