// Manifest ledger
//
// The ledger as the writer of batch manifests needs it: it reads ranges, and keeps in a small
// record of its own how far it is.
//
//   ML1  What the record says stays true, whatever else is written: an older one, or none, only has the
//        writer look at batches again whose manifests stand.

import type { ChainKey, RangeRecord } from "../range/range-record.ts";
import type { RangeLedger } from "./range-ledger.ts";

export interface ManifestLedger
  extends Pick<
    RangeLedger<never>,
    "readPipeline" | "newestRange" | "rangesWithin" | "reprocessRequests" | "reprocessRanges"
  > {
  /** The live record of the chain with the highest fromOffset below the offset, which is above 0. */
  newestBelow(chain: ChainKey, untilOffset: bigint): Promise<RangeRecord | undefined>;
  /** Grows whenever a reprocess request is made, goes on or is completed. */
  requestsRevision(pipeline: string): Promise<number>;
  /** Of revision 0 where there is none. */
  readManifestProgress(pipeline: string): Promise<ManifestProgress>;
  /** Replaces the revision that `progress.revision` follows by one; false when another writer came first. */
  writeManifestProgress(progress: ManifestProgress): Promise<boolean>;
}

export interface ManifestProgress {
  readonly pipeline: string;
  /** 0 before the first write. */
  readonly revision: number;
  /**
   * Milliseconds since the epoch: of every batch of the scheduler that began before, the manifests stand, or it is among
   * those that wait, or it was given up. Absent before the first batch.
   */
  readonly settledBefore?: number;
  /** Absent before the first look at requests. */
  readonly requests?: SeenRequests;
  /** By when they began. */
  readonly waiting: readonly WaitingBatch[];
}

export interface SeenRequests {
  /** Of every request that was completed by then the manifests stand. */
  readonly revision: number;
  /** Milliseconds since the epoch: no request that was completed before has to be looked at again. */
  readonly since: number;
}

/** A batch whose scheduler run is over, and which is not complete. */
export interface WaitingBatch {
  readonly batchId: string;
  /** When it began, in milliseconds since the epoch. */
  readonly begunAt: number;
  /** The range that was seen open; absent where what waits is another object in its manifest's place. */
  readonly openRange?: OpenRange;
}

export interface OpenRange {
  readonly topicId: string;
  readonly partition: number;
  readonly fromOffset: bigint;
}
