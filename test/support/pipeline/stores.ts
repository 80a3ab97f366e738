// Stores: the two kinds of outputs that are not the ledger, in memory, with a crash before
// or after any of their calls.

import type {
  OpenOutput,
  OutputCommit,
  OutputPosition,
  OutputRange,
  RangeOutput,
} from "../../../shared/core/output/range-output.ts";
import type { RecordBatch } from "../../../shared/core/source/range-reader.ts";

/** Called before a step takes effect and after it did; throws to die there. */
export type OnStep = (step: string) => void;

export interface MemoryStore extends RangeOutput<string> {
  /** What a reader of the store sees. */
  readonly visible: readonly string[];
  readonly positions: ReadonlyMap<string, OutputPosition>;
  /** As if somebody else wrote it. */
  setPosition(key: string, position: OutputPosition | undefined): void;
}

interface Buffer {
  items: string[];
}

/** What either kind does with what it is given. */
function takeInto(buffer: Buffer, fullAt: number) {
  return {
    write: async (outputs: readonly string[]) => {
      buffer.items.push(...outputs);
    },
    writeBatch: async (batch: RecordBatch, fromOffset: bigint) => {
      for (const { offset, value } of batch) {
        if (offset >= fromOffset && buffer.items.length >= fullAt) {
          return offset;
        }
        buffer.items.push(...(offset < fromOffset ? [] : [String(value)]));
      }
      return batch.untilOffset;
    },
    get isFull() {
      return buffer.items.length >= fullAt;
    },
    close: async () => {
      buffer.items = [];
    },
  };
}

function positionKey({ topic, partition, isSequential, rangeFrom, requestId }: OutputRange): string {
  return [topic, partition, requestId, isSequential ? "chain" : rangeFrom].join();
}

export function createPositionedStore(onStep: OnStep = () => {}, fullAt = 3): MemoryStore {
  const visible: string[] = [];
  const positions = new Map<string, OutputPosition>();
  return {
    name: "memory",
    visible,
    positions,
    setPosition: (key, position) => {
      positions.delete(key);
      if (position !== undefined) {
        positions.set(key, position);
      }
    },
    open: async (range): Promise<OpenOutput<string>> => {
      onStep("open");
      const key = positionKey(range);
      const buffer: Buffer = { items: [] };
      const commit = async ({
        fromPosition,
        ...position
      }: OutputCommit & { readonly fromPosition: bigint | undefined }) => {
        onStep("commit");
        if (positions.get(key)?.untilOffset !== fromPosition) {
          throw new Error(`the store stands at ${positions.get(key)?.untilOffset}, not at ${fromPosition}`);
        }
        visible.push(...buffer.items);
        buffer.items = [];
        positions.set(key, position);
        onStep("committed");
      };
      return Object.assign(takeInto(buffer, fullAt), {
        kind: "positioned" as const,
        position: positions.get(key),
        commit,
      });
    },
  };
}

/** `receiptBytes` is what its receipts have at least. */
export function createPreparingStore(onStep: OnStep = () => {}, fullAt = 3, receiptBytes = 0): MemoryStore {
  const visible: string[] = [];
  const uploads = new Map<string, readonly string[]>();
  const done = new Set<string>();
  return {
    name: "memory",
    visible,
    positions: new Map(),
    setPosition: () => {
      throw new Error("it keeps none");
    },
    open: async () => {
      onStep("open");
      const buffer: Buffer = { items: [] };
      const prepare = async () => {
        onStep("prepare");
        if (buffer.items.length === 0) {
          return "nothing" as const;
        }
        const memo = `upload-${uploads.size}`;
        uploads.set(memo, buffer.items);
        buffer.items = [];
        onStep("prepared");
        return { memo };
      };
      return Object.assign(takeInto(buffer, fullAt), { kind: "prepared" as const, prepare });
    },
    settle: async (memo) => {
      onStep("settle");
      const items = uploads.get(memo);
      if (items === undefined) {
        return "nothing";
      }
      if (!done.has(memo)) {
        done.add(memo);
        visible.push(...items);
      }
      onStep("settled");
      return { receipt: `${memo}: ${items.length}`.padEnd(receiptBytes) };
    },
  };
}
