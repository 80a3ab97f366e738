// Held back
//
// What a reader of committed records may not see yet: the log goes on, but a
// transaction that began at the last stable offset is neither committed nor aborted.

import type { OffsetSource, OpenTransaction, PartitionMetadata } from "./offset-source.ts";

export interface LogEnds {
  readonly partition: PartitionMetadata;
  /** Undefined where no broker told, as for the other. */
  readonly stableOffset: bigint | undefined;
  readonly highWatermark: bigint | undefined;
}

/** The records of [stableOffset, highWatermark). */
export interface HeldBack {
  readonly stableOffset: bigint;
  readonly highWatermark: bigint;
  /** The oldest that is open; a text says why no broker names it. */
  readonly transaction: OpenTransaction | string;
}

/**
 * One answer per log, in their order; undefined where nothing is held back. Brokers are asked for transactions only
 * where a log goes on behind its last stable offset.
 */
export async function findHeldBack(
  source: OffsetSource,
  logs: readonly LogEnds[],
): Promise<readonly (HeldBack | undefined)[]> {
  const found = new Map<LogEnds, HeldBack>();
  const unstable = logs.filter(isUnstable);
  const listed = unstable.length === 0 ? [] : await source.openTransactions(unstable.map((log) => log.partition));
  for (const [index, log] of unstable.entries()) {
    const { stableOffset, highWatermark } = log;
    const answer = listed[index];
    const oldest = answer?.kind === "listed" ? oldestOf(answer.transactions) : undefined;
    const transaction = answer?.kind === "listed" ? oldest : (answer?.error.message ?? "no broker answered");
    // Where none is open any more, it ended since the ends were listed.
    if (transaction !== undefined) {
      found.set(log, { stableOffset, highWatermark, transaction });
    }
  }
  return logs.map((log) => found.get(log));
}

function isUnstable(log: LogEnds): log is LogEnds & Pick<HeldBack, "stableOffset" | "highWatermark"> {
  return log.stableOffset !== undefined && log.highWatermark !== undefined && log.stableOffset < log.highWatermark;
}

function oldestOf(transactions: readonly OpenTransaction[]): OpenTransaction | undefined {
  const [first, ...others] = transactions;
  return others.reduce(
    (oldest, one) => (oldest !== undefined && oldest.startOffset <= one.startOffset ? oldest : one),
    first,
  );
}

/** Which transaction holds what back, with both offsets; as a sentence without its full stop. */
export function describeHeldBack({ stableOffset, highWatermark, transaction }: HeldBack): string {
  const upTo = `is open since offset ${stableOffset} and holds back what follows, up to ${highWatermark}`;
  if (typeof transaction === "string") {
    return `a transaction ${upTo}; it cannot be named: ${transaction}`;
  }
  const { producerId, producerEpoch, lastTimestamp } = transaction;
  const age = lastTimestamp === undefined ? "" : `, whose last record is of ${new Date(lastTimestamp).toISOString()},`;
  return `a transaction of producer ${producerId} (epoch ${producerEpoch})${age} ${upTo}`;
}

/** A log's end as a reader sees it, for the end of a message. */
export function describeEnd({
  endOffset,
  heldBack,
}: {
  readonly endOffset: bigint;
  readonly heldBack?: HeldBack;
}): string {
  return heldBack === undefined
    ? `${endOffset}`
    : `${endOffset} under read_committed, though the log goes on: ${describeHeldBack(heldBack)}`;
}
