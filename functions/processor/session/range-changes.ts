// Range changes
//
// The changes that one session makes of its range's record, one after the other, and what
// was counted in them.

import { SupersededError } from "../../../shared/core/errors.ts";
import type { ChangeOutcome, RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { listOffsets } from "../../../shared/core/offsets/offset-list.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { ClaimedRange } from "../../../shared/core/range/lease.ts";
import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import { isCutDue } from "../../../shared/core/range/output-event.ts";
import type { CommitEvent, CompleteEvent } from "../../../shared/core/range/range-event.ts";
import {
  NO_COUNTS,
  type RangeCounts,
  type RangeRecord,
  subtractCounts,
} from "../../../shared/core/range/range-record.ts";
import type { OutputCommits } from "../output/output-commits.ts";
import type { Rejects } from "./rejects.ts";

/** What a change is about, as it was when the pipeline's code asked for it. */
export interface Reached {
  readonly offset: bigint;
  /** Everything below was delivered. */
  readonly position: bigint;
  /** Of the offsets below. */
  readonly counts: RangeCounts;
  readonly epoch: { readonly leaderEpoch?: number };
}

export interface RangeChangesOptions<Output> {
  readonly ledger: RangeLedger<Output>;
  readonly claimed: ClaimedRange;
  readonly rejects: Rejects;
  /** Where outputs go; absent: into the ledger's own transactions. */
  readonly store?: OutputCommits<Output>;
}

export class RangeChanges<Output> {
  readonly #store: OutputCommits<Output> | undefined;
  readonly #ledger: RangeLedger<Output>;
  readonly #claimed: ClaimedRange;
  readonly #rejects: Rejects;
  #record: RangeRecord;
  #isCutDue: boolean;
  #accounted = NO_COUNTS;
  #last = Promise.resolve();

  constructor({ ledger, claimed, rejects, store }: RangeChangesOptions<Output>) {
    this.#ledger = ledger;
    this.#claimed = claimed;
    this.#record = claimed;
    this.#isCutDue = isCutDue(claimed);
    this.#rejects = rejects;
    this.#store = store;
  }

  /** As of the last write. */
  get record(): RangeRecord {
    return this.#record;
  }

  /** Throws SupersededError where the range has to be cut first, at what is committed: the rest is another range's. */
  requireRoom(): void {
    if (this.#isCutDue) {
      const { committedOffset } = this.#record;
      throw new SupersededError(
        `${formatOffsetRange(this.#record)} keeps as many receipts or rejected offsets as a range can: it is completed at ${committedOffset}, and the rest goes on as a range of its own`,
      );
    }
  }

  /** Runs writes one after the other, none after one that failed (SN2). */
  inTurn(write: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(write);
    // A failure that nobody awaits is the completion's.
    this.#last.catch(() => {});
    return this.#last;
  }

  /**
   * A commit, or the completion. The dead letters of what it covers are kept first (SN3). One that is refused for its
   * outputs leaves all as it was.
   */
  async make(
    { offset, counts, epoch }: Reached,
    outputs: readonly Output[],
    completion?: Pick<CompleteEvent, "now" | "retentionMs">,
  ): Promise<void> {
    this.requireRoom();
    // DV1 may answer less than was accounted for already; then the rest waits for a later commit.
    const covered = coveredOffsets(counts) < coveredOffsets(this.#accounted) ? this.#accounted : counts;
    const fresh = subtractCounts(covered, this.#accounted);
    const rejected = await this.#rejects.settleBelow(offset);
    const progress = {
      lease: this.#claimed.lease,
      fromOffset: this.#record.committedOffset,
      ...(rejected.length === 0
        ? { counts: fresh }
        : { counts: { ...fresh, rejected: BigInt(rejected.length) }, rejectedOffsets: listOffsets(rejected) }),
      ...epoch,
    };
    const event: CommitEvent | CompleteEvent =
      completion === undefined
        ? { kind: "commit", ...progress, untilOffset: offset }
        : { kind: "complete", ...progress, ...completion };
    const outcome = await this.#write(event, outputs, offset);
    if (outcome.kind !== "changed") {
      throw lostLeaseError(this.#record, outcome);
    }
    this.#record = outcome.record;
    this.#isCutDue = isCutDue(outcome.record);
    this.#accounted = covered;
    this.#rejects.forgetBelow(offset);
  }

  /** With a store the outputs take effect there, before the ledger is told (output-commits.ts). */
  async #write(
    event: CommitEvent | CompleteEvent,
    outputs: readonly Output[],
    untilOffset: bigint,
  ): Promise<ChangeOutcome> {
    if (this.#store === undefined) {
      return this.#ledger.changeRange(this.#record, event, outputs);
    }
    await this.#store.write(outputs);
    if (untilOffset === this.#record.committedOffset) {
      return this.#ledger.changeRange(this.#record, event);
    }
    const { counts, rejectedOffsets, leaderEpoch } = event;
    const reaching = { untilOffset, counts, ...omitUndefined({ rejectedOffsets, leaderEpoch }) };
    const { record, ...effect } = await this.#store.takeEffect(this.#record, reaching);
    this.#record = record;
    return this.#ledger.changeRange(record, { ...event, ...effect });
  }
}

function lostLeaseError(
  record: RangeRecord,
  outcome: Exclude<ChangeOutcome, { readonly kind: "changed" }>,
): SupersededError {
  const why = outcome.kind === "refused" ? outcome.refusal.kind : "the record is gone";
  return new SupersededError(`lease ${record.leaseCounter} of ${formatOffsetRange(record)} is lost (${why})`);
}

/** How many offsets are accounted for. */
function coveredOffsets({ delivered, aborted, control }: RangeCounts): bigint {
  return delivered + aborted + control;
}
