import { findHeldBack } from "../source/held-back.ts";
import {
  type IsolationLevel,
  listedOffset,
  type OffsetSource,
  type PartitionMetadata,
} from "../source/offset-source.ts";
import type { LogBounds } from "./choose-offsets.ts";

/** The logs, those in doubt with what a transaction holds back behind their end: two requests per broker, for an error. */
export async function explainEnds<Log extends PartitionMetadata & LogBounds>(
  source: OffsetSource,
  logs: readonly Log[],
  isolationLevel: IsolationLevel,
  isInDoubt: (log: Log) => boolean,
): Promise<readonly Log[]> {
  const doubted = isolationLevel === "read_committed" ? logs.filter(isInDoubt) : [];
  if (doubted.length === 0) {
    return logs;
  }
  const watermarks = await source.listOffsets(doubted, "latest", "read_uncommitted");
  const ends = doubted.map((partition, index) => {
    return { partition, stableOffset: partition.endOffset, highWatermark: listedOffset(watermarks[index]) };
  });
  const heldBack = new Map((await findHeldBack(source, ends)).map((held, index) => [doubted[index], held]));
  return logs.map((log) => {
    const held = heldBack.get(log);
    return held === undefined ? log : { ...log, heldBack: held };
  });
}
