// In-memory range ledger
//
// The ledger's contract without a store: what tests run on, those of a pipeline's own code
// among them, held to the same contract suite as the DynamoDB adapter.

import assert from "node:assert/strict";
import { OutputLimitError } from "../core/errors.ts";
import type { ChangeOutcome, PlanOutcome, RangeLedger, SplitOutcome } from "../core/ledger/range-ledger.ts";
import { MAX_OUTPUTS_PER_COMMIT } from "../core/limits.ts";
import type { ChainKey, RangeRecord } from "../core/range/range-record.ts";
import { applyEvent } from "../core/range/range-status.ts";
import { splitRange } from "../core/range/split-range.ts";
import { createInMemoryRequests, inKeyOrder, iterate } from "./in-memory-requests.ts";

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

export interface InMemoryRangeLedgerOptions<Output> {
  /**
   * Where outputs take effect, all of a change or none: throws what a store would refuse them with.
   * @default - nowhere but in the list of outputs
   */
  readonly write?: (outputs: readonly Output[]) => void;
}

export function createInMemoryRangeLedger<Output = never>({
  write = () => {},
}: InMemoryRangeLedgerOptions<Output> = {}): InMemoryRangeLedger<Output> {
  const ranges = new StoredRanges();
  const outputs: Output[] = [];
  const others = createInMemoryRequests(() => {
    ranges.writes += 1;
  });
  return {
    ...rangeVerbs(ranges, (added: readonly Output[]) => {
      write(added);
      outputs.push(...added);
    }),
    ...others,
    outputs,
    all: () => ranges.all(),
    put: (record) => ranges.put(record),
    forget: (record) => ranges.forget(record),
    get writes() {
      return ranges.writes;
    },
    reprocessRanges: (pipeline, requestId) =>
      iterate(ranges.all().filter(({ chain }) => chain.pipeline === pipeline && chain.requestId === requestId)),
  };
}

class StoredRanges {
  writes = 0;
  readonly #records = new Map<string, RangeRecord>();

  /** By chain and fromOffset. */
  get(of: Pick<RangeRecord, "chain" | "fromOffset">): RangeRecord | undefined {
    return this.#records.get(keyOf(of));
  }

  put(record: RangeRecord): void {
    this.#records.set(keyOf(record), record);
  }

  forget(record: RangeRecord): void {
    this.#records.delete(keyOf(record));
  }

  store(record: RangeRecord): RangeRecord {
    this.writes += 1;
    this.put(record);
    return record;
  }

  all(): readonly RangeRecord[] {
    return inKeyOrder(this.#records);
  }

  ofChain(chain: ChainKey): readonly RangeRecord[] {
    return this.all().filter((record) => chainOf(record.chain) === chainOf(chain));
  }
}

type RangeVerbs<Output> = Pick<
  RangeLedger<Output>,
  "newestRange" | "planRange" | "changeRange" | "splitRange" | "ranges" | "rangesWithin"
>;

function rangeVerbs<Output>(ranges: StoredRanges, write: (outputs: readonly Output[]) => void): RangeVerbs<Output> {
  return {
    newestRange: async (chain) => ranges.ofChain(chain).at(-1),
    planRange: async (record): Promise<PlanOutcome> => {
      const present = ranges.get(record);
      const isFree = present === undefined || (present.status === "ANCHOR" && record.status !== "ANCHOR");
      if (isFree) {
        return { kind: "planned", record: ranges.store(record) };
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
      const present = ranges.get(seen);
      if (present === undefined) {
        return { kind: "missing" };
      }
      const transition = applyEvent(present, event, `memory-${ranges.writes}`);
      if (transition.kind === "refused") {
        return { ...transition, record: present };
      }
      write(added);
      return { kind: "changed", record: ranges.store(transition.record) };
    },
    splitRange: async (seen, split): Promise<SplitOutcome> => {
      const present = ranges.get(seen);
      if (present === undefined) {
        return { kind: "missing" };
      }
      const transition = splitRange(present, split, `memory-${ranges.writes}`);
      if (transition.kind === "refused") {
        return { ...transition, record: present };
      }
      const { first, rest } = transition;
      const inTheWay = rest === undefined ? undefined : ranges.get(rest);
      if (inTheWay !== undefined) {
        return { kind: "collided", record: inTheWay };
      }
      return { kind: "split", first: ranges.store(first), ...(rest === undefined ? {} : { rest: ranges.store(rest) }) };
    },
    ranges: (chain) => iterate(ranges.ofChain(chain)),
    rangesWithin: (chain, { fromOffset, untilOffset }) =>
      iterate(
        ranges.ofChain(chain).filter((record) => fromOffset <= record.fromOffset && record.fromOffset < untilOffset),
      ),
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
