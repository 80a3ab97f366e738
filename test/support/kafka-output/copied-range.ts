// A range whose records are their offsets, written to a topic attempt by attempt: what the
// processor does with an output, without a ledger that could hide a fault of it.

import { randomUUID } from "node:crypto";
import type { OutputRange, PositionedOutput, RangeOutput } from "../../../shared/core/output/range-output.ts";
import type { KafkaOutputRecord } from "../../../shared/kafka/output/output-record.ts";

export const RANGE_LENGTH = 6n;
const RECORDS_PER_COMMIT = 3n;

export interface CopiedRange {
  /** What each of its outputs begins with. */
  readonly tag: string;
  readonly range: OutputRange;
  /** As the ledger would: what it was told took effect. */
  committedOffset: bigint;
}

/** The first range of a chain of its own. `topic` has to exist. */
export function copiedRange(topic: string): CopiedRange {
  const tag = randomUUID();
  const range = {
    pipeline: "copies",
    topicId: tag,
    topic,
    partition: 0,
    fromOffset: 0n,
    untilOffset: RANGE_LENGTH,
    batchId: tag,
    attempt: 1,
    leaseCounter: 1,
    plannedAt: Date.now(),
    rangeFrom: 0n,
    isSequential: true,
    remainingMs: 60_000,
    signal: new AbortController().signal,
  };
  return { tag, range, committedOffset: 0n };
}

/** What the topic holds of a range that took effect once. */
export function outputsOf({ tag }: CopiedRange): readonly string[] {
  return Array.from({ length: Number(RANGE_LENGTH) }, (_, offset) => `${tag} ${offset}`);
}

/** One attempt: goes on from where the output stands. */
export async function attemptCopy(output: RangeOutput<KafkaOutputRecord>, copied: CopiedRange): Promise<void> {
  const open = await openPositioned(output, { ...copied.range, fromOffset: copied.committedOffset });
  try {
    let offset = open.position?.untilOffset ?? 0n;
    copied.committedOffset = offset;
    while (offset < RANGE_LENGTH) {
      const untilOffset = offset + RECORDS_PER_COMMIT;
      for (let at = offset; at < untilOffset; at++) {
        await open.write([{ key: String(at), value: `${copied.tag} ${at}` }]);
      }
      await open.commit({ fromPosition: offset, untilOffset, progress: `${offset}-${untilOffset}` });
      offset = untilOffset;
      copied.committedOffset = offset;
    }
  } finally {
    await open.close();
  }
}

export async function openPositioned(
  output: RangeOutput<KafkaOutputRecord>,
  range: OutputRange,
): Promise<PositionedOutput<KafkaOutputRecord>> {
  const open = await output.open(range);
  if (open.kind !== "positioned") {
    throw new Error("the output keeps no position");
  }
  return open;
}
