import fc from "fast-check";
import { expect, test } from "vitest";
import type { BatchDecision } from "../../shared/core/plan/batch-decision.ts";
import { planBatch } from "../../shared/core/plan/plan-batch.ts";
import type { PartitionState } from "../../shared/core/plan/plan-partition.ts";
import { newRange } from "../../shared/core/range/new-range.ts";
import { MAX_OFFSET } from "../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../shared/core/range/range-record.ts";
import type { ListedOffset } from "../../shared/core/source/offset-source.ts";
import { verifyChain } from "../../shared/core/verify/verify-chain.ts";
import { aChain, aPartitionState, planRules } from "../support/builders/builders.ts";
import { START } from "../support/fake-clock.ts";

const anOffset = fc.bigInt(0n, MAX_OFFSET);
const aLimit = fc.oneof(fc.bigInt(1n, 50n), fc.bigInt(1n, MAX_OFFSET));
const listed = (offset: bigint): ListedOffset => ({ kind: "listed", offset });

/** What the ledger holds after one decision of the planner was written and processed. */
function settle(chain: RangeRecord[], state: PartitionState, maxRecordsPerPartition: bigint): "wrote" | "nothing" {
  const decision = decide(state, maxRecordsPerPartition);
  if (decision.kind !== "plan" && decision.kind !== "anchor") {
    return "nothing";
  }
  const [fromOffset, untilOffset] =
    decision.kind === "plan" ? [decision.fromOffset, decision.untilOffset] : [decision.offset, decision.offset];
  const names = { chain: aChain(), topic: "orders", batchId: "b", writeId: "w", now: START };
  const planned = newRange({ ...names, fromOffset, untilOffset });
  const isAnchorReplaced = chain.at(-1)?.status === "ANCHOR";
  chain.splice(isAnchorReplaced ? -1 : chain.length, isAnchorReplaced ? 1 : 0, asCompleted(planned));
  return "wrote";
}

function decide(state: PartitionState, maxRecordsPerPartition: bigint): BatchDecision {
  const rules = planRules({ maxRecordsPerPartition, initialRecordsPerPartition: MAX_OFFSET });
  const [planned] = planBatch([state], rules, { now: START, rate: undefined });
  return planned?.decision ?? { kind: "idle" };
}

function asCompleted(record: RangeRecord): RangeRecord {
  return record.status === "ANCHOR"
    ? record
    : { ...record, status: "COMPLETED", committedOffset: record.untilOffset, expiresAt: START + 86_400_000 };
}

test("PP1, PP3: over any growth of a log, ranges are disjoint, contiguous, in bounds, and sum to what was written", () => {
  const growth = fc.array(fc.bigInt(0n, 1_000n), { maxLength: 30 });
  fc.assert(
    fc.property(fc.bigInt(0n, MAX_OFFSET - 40_000n), growth, fc.bigInt(1n, 400n), (beginning, steps, limit) => {
      const chain: RangeRecord[] = [];
      let end = beginning;
      for (const step of steps) {
        end += step;
        settle(chain, aState(chain, beginning, end), limit);
      }
      // Nothing new arrives any more: the planner catches up in a known number of runs.
      const runs = Number((end - (chain.at(-1)?.untilOffset ?? beginning)) / limit) + 2;
      for (let run = 0; run < runs; run += 1) {
        settle(chain, aState(chain, beginning, end), limit);
      }

      expect(verifyChain(chain, { now: START, mode: "live" })).toEqual([]);
      expect(chain[0]?.fromOffset).toBe(beginning);
      expect(chain.at(-1)?.untilOffset).toBe(end);
      expect(chain.every(({ fromOffset, untilOffset }) => untilOffset - fromOffset <= limit)).toBe(true);
      expect(settle(chain, aState(chain, beginning, end), limit)).toBe("nothing");
    }),
  );
});

test("PP3: whatever the limit and the end, a plan stays within both, also at 2^63 - 1", () => {
  fc.assert(
    fc.property(anOffset, anOffset, aLimit, (beginning, end, limit) => {
      fc.pre(beginning < end);

      const state = aPartitionState({ start: { kind: "frozen", offset: beginning }, end: listed(end) });
      const decision = decide(state, limit);

      const untilOffset = end - beginning > limit ? beginning + limit : end;
      expect(decision).toMatchObject({ kind: "plan", fromOffset: beginning, untilOffset });
      expect(untilOffset <= MAX_OFFSET).toBe(true);
    }),
  );
});

test("PP4: an end below the ledger's is never planned from, whatever the offsets", () => {
  fc.assert(
    fc.property(anOffset, anOffset, anOffset, (from, until, end) => {
      fc.pre(from < until && end < until);
      const chain = [asCompleted(rangeOf(from, until))];

      expect(decide(aState(chain, 0n, end), 1_000n).kind).toBe("held");
    }),
  );
});

function rangeOf(fromOffset: bigint, untilOffset: bigint): RangeRecord {
  return newRange({
    chain: aChain(),
    topic: "orders",
    fromOffset,
    untilOffset,
    batchId: "b",
    writeId: "w",
    now: START,
  });
}

function aState(chain: readonly RangeRecord[], beginning: bigint, end: bigint): PartitionState {
  const newest = chain.at(-1);
  return aPartitionState({
    newest,
    partitionStarted: newest !== undefined,
    start: newest === undefined ? { kind: "frozen", offset: beginning } : undefined,
    end: listed(end),
  });
}
