// In-memory range ledger
//
// The ledger's contract without a store: what the unit and property tests run
// on, held to the same contract suite as the DynamoDB adapter.

import { ConfigurationError } from "../../shared/core/errors.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../../shared/core/limits.ts";
import type {
  ChangeOutcome,
  PipelineRecord,
  PlanOutcome,
  RangeLedger,
  ReprocessRequest,
} from "../../shared/core/range-ledger.ts";
import { type ChainKey, isClosed, type RangeRecord } from "../../shared/core/range-record.ts";
import { applyEvent } from "../../shared/core/range-status.ts";

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
  const outputs: Output[] = [];
  let writes = 0;

  const store = (record: RangeRecord) => {
    writes += 1;
    records.set(keyOf(record), record);
    return record;
  };
  const inOrder = () => [...records.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, record]) => record);
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
      if (added.length > MAX_OUTPUTS_PER_COMMIT) {
        throw new ConfigurationError(`${added.length} outputs exceed ${MAX_OUTPUTS_PER_COMMIT} per commit`);
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
    ranges: (chain) => iterate(ofChain(chain)),

    pipelines: () => iterate([...pipelines.values()]),
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
      const key = `${request.pipeline}#${request.requestId}`;
      const stored = requests.get(key) ?? request;
      requests.set(key, stored);
      return stored;
    },
    reprocessRequests: (pipeline) => iterate([...requests.values()].filter((one) => one.pipeline === pipeline)),
    completeReprocess: async (request, completedAt) => {
      const key = `${request.pipeline}#${request.requestId}`;
      requests.set(key, { ...request, completedAt: requests.get(key)?.completedAt ?? completedAt });
    },
    reprocessRanges: (pipeline, requestId) =>
      iterate(inOrder().filter(({ chain }) => chain.pipeline === pipeline && chain.requestId === requestId)),
  };
}

/** Open ranges of a ledger, for tests that drive a chain until none is left. */
export function openRanges(ledger: InMemoryRangeLedger<never>): readonly RangeRecord[] {
  return ledger.all().filter((record) => !isClosed(record));
}

function chainOf({ pipeline, topicId, partition, requestId }: ChainKey): string {
  return [pipeline, requestId === undefined ? "live" : `request ${requestId}`, topicId, partition].join("#");
}

function keyOf({ chain, fromOffset }: Pick<RangeRecord, "chain" | "fromOffset">): string {
  return `${chainOf(chain)}#${fromOffset.toString().padStart(19, "0")}`;
}

async function* iterate<Item>(items: readonly Item[]): AsyncGenerator<Item, void, undefined> {
  yield* items;
}
