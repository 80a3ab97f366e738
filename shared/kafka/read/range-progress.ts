// Range progress
//
// Takes the batches of a range in log order, decides what of each is delivered,
// and keeps count of where every offset went.
//
//   RP1  What is returned are the visible records in [position, untilOffset), once
//        and in order: a batch that starts earlier or ends later is cut.
//   RP2  delivered + aborted + control + absent = position − fromOffset, where absent
//        offsets are those that compaction removed.

import { DataLossError } from "../../core/errors.ts";
import { formatOffsetRange, type OffsetRange } from "../../core/range/offset-range.ts";
import type { RangeCounts } from "../../core/range/range-record.ts";
import type { AbortFilter } from "../records/abort-filter.ts";
import type { BatchHeader } from "../records/batch-header.ts";
import { readStoredRecords, type StoredRecords } from "../records/stored-records.ts";
import { countRecords, type DeltaWindow, VisibleBatch, wholeWindow } from "../records/visible-batch.ts";

export interface ProgressRules {
  readonly maxDecompressedBatchBytes: number;
  /** A hole is an error: Spark's strict default. */
  readonly requireConsecutiveOffsets: boolean;
}

/** The `type` of a transaction marker's key; 1 commits. */
const ABORT_MARKER = 0;

export class RangeProgress {
  readonly #range: OffsetRange;
  readonly #rules: ProgressRules;
  #position: bigint;
  #leaderEpoch: number | undefined;
  readonly #counts = { delivered: 0, aborted: 0, control: 0, bytes: 0 };

  constructor(range: OffsetRange, rules: ProgressRules) {
    this.#range = range;
    this.#rules = rules;
    this.#position = range.fromOffset;
  }

  get position(): bigint {
    return this.#position;
  }

  get leaderEpoch(): number | undefined {
    return this.#leaderEpoch;
  }

  get counts(): RangeCounts {
    const { delivered, aborted, control, bytes } = this.#counts;
    return { delivered: BigInt(delivered), aborted: BigInt(aborted), control: BigInt(control), bytes: BigInt(bytes) };
  }

  /** Passes the next batch and returns what is visible of it. Without a filter, aborted records are visible. */
  pass(header: BatchHeader, filter: AbortFilter | undefined): VisibleBatch | undefined {
    header.verify();
    const isHidden = this.#isHidden(header, filter);
    if (header.nextOffset <= this.#position) {
      return undefined;
    }
    const window = this.#cut(header);
    const before = this.#position;
    const visible = isHidden ? undefined : this.#deliver(header, window);
    const after = header.baseOffset + BigInt(window.untilDelta);
    // Before the position moves: a writer commits what lies below it.
    this.#requireConsecutive(before, after, visible?.count ?? 0);
    if (isHidden) {
      this.#counts[header.isControl ? "control" : "aborted"] += countRecords(header, window, () => this.#read(header));
    }
    this.#counts.delivered += visible?.count ?? 0;
    this.#counts.bytes += header.byteLength;
    this.#leaderEpoch = header.leaderEpoch;
    this.#position = after;
    return visible;
  }

  /**
   * Takes note of a batch that begins at `untilOffset` or above. Where compaction left nothing
   * before it, the range ends in its epoch: the one before may have ended below, and a log asked
   * for that at `untilOffset` would pass for truncated.
   */
  passEnd({ leaderEpoch }: Pick<BatchHeader, "leaderEpoch">): void {
    if (this.#position < this.#range.untilOffset) {
      this.#leaderEpoch = leaderEpoch;
    }
  }

  /** The log holds nothing more below `untilOffset`. */
  finish(): void {
    const { untilOffset } = this.#range;
    this.#requireConsecutive(this.#position, untilOffset, 0);
    this.#position = untilOffset;
  }

  #isHidden(header: BatchHeader, filter: AbortFilter | undefined): boolean {
    if (header.isControl) {
      filter?.passMarker(header, this.#isAbortMarker(header));
      return true;
    }
    return filter?.isAborted(header) ?? false;
  }

  #isAbortMarker(header: BatchHeader): boolean {
    const [marker] = new VisibleBatch(this.#read(header), wholeWindow(header));
    // Compaction may have emptied the batch. The key is version int16, type int16.
    return marker?.key?.readInt16BE(2) === ABORT_MARKER;
  }

  #deliver(header: BatchHeader, window: DeltaWindow): VisibleBatch | undefined {
    if (header.recordCount === 0) {
      return undefined;
    }
    const batch = new VisibleBatch(this.#read(header), window);
    return batch.count === 0 ? undefined : batch;
  }

  #read(header: BatchHeader): StoredRecords {
    return readStoredRecords(header, this.#rules.maxDecompressedBatchBytes);
  }

  /** What of the batch lies in [position, untilOffset). */
  #cut({ baseOffset, nextOffset, lastOffsetDelta }: BatchHeader): DeltaWindow {
    const { untilOffset } = this.#range;
    return {
      fromDelta: this.#position > baseOffset ? Number(this.#position - baseOffset) : 0,
      untilDelta: nextOffset > untilOffset ? Number(untilOffset - baseOffset) : lastOffsetDelta + 1,
    };
  }

  #requireConsecutive(before: bigint, after: bigint, delivered: number): void {
    if (this.#rules.requireConsecutiveOffsets && after - before !== BigInt(delivered)) {
      throw new DataLossError(
        `${formatOffsetRange(this.#range)} has ${delivered} records in the offsets from ${before} to ${after}; requireConsecutiveOffsets allows no hole (compaction, transactions)`,
        { fromOffset: before, loss: { kind: "hole" } },
      );
    }
  }
}
