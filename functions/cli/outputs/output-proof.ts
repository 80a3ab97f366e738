import type { LedgerIntegrityError } from "../../../shared/core/errors.ts";
import { isClosed, isHalted, type RangeRecord } from "../../../shared/core/range/range-record.ts";

export type OutputProblemKind =
  /** Of the ledger's own word. */
  | "receiptWrong"
  /** No range has one of the output that was named, and some are processed. */
  | "receiptMissing"
  | "objectMissing"
  | "objectDiffers"
  /** Of the right size, and with a checksum of other parts than were written. */
  | "objectAnew"
  /** Nobody's, below the archive's prefix. */
  | "objectStray"
  /** Of a batch that is not complete, or with another content than the ledger has. */
  | "manifestWrong"
  | "positionMissing"
  /** The store lacks what the ledger has as processed. */
  | "positionBehind"
  /** The store has what the ledger does not. */
  | "positionAhead"
  | "positionStray";

export interface OutputProblem {
  readonly kind: OutputProblemKind;
  readonly message: string;
}

/** What one store has of the ledger's ranges. */
export interface OutputProof {
  readonly pipelines: readonly string[];
  readonly output: string;
  /** `s3://BUCKET/PREFIX`, brokers, or a database. */
  readonly place: string;
  /** Ranges of which something took effect there, as the ledger says. */
  readonly ranges: number;
  /** Of an archive. */
  readonly objects?: number;
  readonly records?: number;
  readonly bytes?: number;
  /** Of complete batches, as `ranges manifests` writes them. */
  readonly manifests?: number;
  /** Objects that are older than what the ledger remembers. */
  readonly forgotten?: number;
  readonly problems: readonly OutputProblem[];
}

/** Whether something of the range took effect. */
export function hasCommitted({ committedOffset, fromOffset }: RangeRecord): boolean {
  return committedOffset > fromOffset;
}

/**
 * The offset up to which a store may be: ahead of the ledger by what a processor has under way, or had when it died, but
 * not where one has held the two against each other, and has halted for what it found.
 */
export function reachOf(record: RangeRecord): bigint {
  const isContradicted =
    isHalted(record) && record.error?.name === ("LedgerIntegrityError" satisfies LedgerIntegrityError["name"]);
  return isClosed(record) || isContradicted ? record.committedOffset : record.untilOffset;
}
