import { encodeBatch } from "../records/record-batch-encoder.ts";
import { SCRIPTED_TOPIC } from "./scripted-broker.ts";

/** What a scripted broker holds: the offsets 0 to 5 in three batches of two records. */
export const scriptedLog = {
  endOffset: 6n,
  batches: [0n, 2n, 4n].map((baseOffset) => ({
    baseOffset,
    nextOffset: baseOffset + 2n,
    bytes: encodeBatch({ baseOffset, records: [{ offsetDelta: 0 }, { offsetDelta: 1 }] }),
  })),
};

/** The read of all of it, and the offsets that it has to deliver. */
export const wholeLog = {
  range: { topic: SCRIPTED_TOPIC, partition: 0, fromOffset: 0n, untilOffset: 6n },
  isolationLevel: "read_committed",
} as const;
export const everyOffset = [0n, 1n, 2n, 3n, 4n, 5n];
