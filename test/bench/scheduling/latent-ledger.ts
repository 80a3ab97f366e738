import { setTimeout } from "node:timers/promises";
import type { PipelineRecord } from "../../../shared/core/ledger/pipeline-record.ts";
import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import type { ChainKey, RangeRecord } from "../../../shared/core/range/range-record.ts";
import { applyEvent } from "../../../shared/core/range/range-status.ts";
import { createInMemoryRangeLedger } from "../../../shared/memory/in-memory-range-ledger.ts";

export interface LatentLedger extends RangeLedger<never> {
  readonly counts: { reads: number; writes: number };
}

/** A ledger that holds the newest range of each chain; every call of a scheduler run takes its time. */
export function createLatentLedger(
  latencyMs: number,
  pipeline: PipelineRecord,
  newest: readonly RangeRecord[],
): LatentLedger {
  const records = new Map(newest.map((record) => [keyOf(record.chain), record]));
  const counts = { reads: 0, writes: 0 };
  let known = pipeline;
  const after = async <Result>(kind: keyof typeof counts, answer: () => Result): Promise<Result> => {
    counts[kind] += 1;
    await setTimeout(latencyMs);
    return answer();
  };
  const store = (record: RangeRecord) => {
    records.set(keyOf(record.chain), record);
    return record;
  };
  return {
    ...createInMemoryRangeLedger<never>(),
    counts,
    newestRange: (chain) => after("reads", () => records.get(keyOf(chain))),
    planRange: (record) => after("writes", () => ({ kind: "planned", record: store(record) })),
    changeRange: (seen, event) =>
      after("writes", () => {
        const present = records.get(keyOf(seen.chain)) ?? seen;
        const transition = applyEvent(present, event, "bench");
        return transition.kind === "refused"
          ? { ...transition, record: present }
          : { ...transition, record: store(transition.record) };
      }),
    readPipeline: () => after("reads", () => known),
    writePipeline: (record) =>
      after("writes", () => {
        known = record;
        return true;
      }),
    openReprocesses: () => after("reads", () => []),
  };
}

function keyOf({ topicId, partition }: ChainKey): string {
  return `${topicId}#${partition}`;
}
