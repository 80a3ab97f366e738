// The adaptive size against a processor of constant pace: a fixed cost per
// invocation, a time per record, and its time-out, after which the rest of a range
// is left to the next invocation.

import fc from "fast-check";
import { expect, test } from "vitest";
import { DEADLINE_MARGIN_MS, SIZE_HEADROOM } from "../../shared/core/limits.ts";
import { adaptSize, timeOfRangeMs } from "../../shared/core/plan/adapt-size.ts";
import { MAX_OFFSET } from "../../shared/core/range/offset-range.ts";
import { aRangeRecord } from "../support/builders/builders.ts";
import { START } from "../support/fake-clock.ts";

/** From 2^63 - 1 down to one offset at a tenth per step, up again by four, and what the fixed cost adds. */
const MAX_STEPS = 19 + 15 + 12;

const aPace = fc.record({
  batchIntervalMs: fc.integer({ min: 60_000, max: 900_000 }),
  processorTimeoutMs: fc.integer({ min: 10_000, max: 900_000 }),
  /** Of the aim. */
  fixedShare: fc.double({ min: 0, max: 0.5, noNaN: true }),
  /** Records that the time left by the fixed cost has room for. */
  room: fc.oneof(fc.double({ min: 1, max: 100, noNaN: true }), fc.double({ min: 1, max: 1e9, noNaN: true })),
});

interface Processor {
  readonly batchIntervalMs: number;
  readonly processorTimeoutMs: number;
  readonly fixedMs: number;
  readonly msPerRecord: number;
}

function aProcessor({ fixedShare, room, ...times }: typeof aPace extends fc.Arbitrary<infer Pace> ? Pace : never) {
  const aimMs = timeOfRangeMs(times) * SIZE_HEADROOM;
  const fixedMs = aimMs * fixedShare;
  return { ...times, fixedMs, msPerRecord: (aimMs - fixedMs) / room };
}

/** How a range of this size goes. */
function run({ fixedMs, msPerRecord, processorTimeoutMs }: Processor, size: bigint) {
  const wholeMs = fixedMs + Number(size) * msPerRecord;
  const usableMs = processorTimeoutMs - DEADLINE_MARGIN_MS;
  const attempt = wholeMs <= usableMs ? 1 : Math.ceil((Number(size) * msPerRecord) / (usableMs - fixedMs));
  return { attempt, elapsedMs: Math.floor(wholeMs + (attempt - 1) * fixedMs) };
}

function next(processor: Processor, size: bigint, adaptiveSize = size): bigint {
  const { attempt, elapsedMs } = run(processor, size);
  const newest = aRangeRecord({
    status: "COMPLETED",
    fromOffset: 0n,
    untilOffset: size,
    adaptiveSize,
    attempt,
    completedAt: START + Math.min(elapsedMs, Number.MAX_SAFE_INTEGER - START),
  });
  return adaptSize(newest, { ...processor, initialRecordsPerPartition: 10_000n });
}

test("AS2, AS3, AS4: from any start and at any pace, ranges come to fill their time, and do not overrun it from then on", () => {
  fc.assert(
    fc.property(aPace, fc.oneof(fc.bigInt(1n, 1_000_000n), fc.bigInt(1n, MAX_OFFSET)), (pace, start) => {
      const processor = aProcessor(pace);
      let size = start;
      for (let step = 0; step < MAX_STEPS; step += 1) {
        size = next(processor, size);
        expect(size > 0n).toBe(true);
      }

      const timeMs = timeOfRangeMs(processor);
      for (let step = 0; step < 20; step += 1) {
        size = next(processor, size);
        const { attempt, elapsedMs } = run(processor, size);
        expect(attempt).toBe(1);
        expect(elapsedMs).toBeLessThanOrEqual(timeMs);
        // One record more would not have fitted, to the grain of the clock, or the time is filled as it was aimed at.
        const aimMs = timeMs * SIZE_HEADROOM;
        const perRecordMs = processor.fixedMs + processor.msPerRecord;
        expect(elapsedMs >= Math.min(aimMs * 0.95, aimMs - perRecordMs - 2)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("AS2: quiet times in between, whose ranges are short, change nothing of what fits", () => {
  fc.assert(
    fc.property(aPace, fc.array(fc.bigInt(1n, 50n), { maxLength: 20 }), (pace, quiet) => {
      const processor = aProcessor(pace);
      let size = 1n;
      for (let step = 0; step < MAX_STEPS; step += 1) {
        size = next(processor, size);
      }
      const settled = size;

      for (const records of quiet) {
        size = next(processor, records < size ? records : size, size);
      }

      expect(size >= settled).toBe(true);
      expect(run(processor, size).elapsedMs).toBeLessThanOrEqual(timeOfRangeMs(processor));
    }),
  );
});
