// Rejects
//
// The records of a piece that the pipeline's code reported as bad and that no commit
// covers yet. Each is sent at once; a commit waits for the letters that it covers, and
// fails for good once one is not kept.

import { ConfigurationError, MisuseError } from "../../../shared/core/errors.ts";
import type { DeadLetterTarget } from "../../../shared/core/failure/dead-letter.ts";
import { MAX_REJECT_STACKS, MAX_UNCOMMITTED_REJECTS } from "../../../shared/core/limits.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange, largerOf } from "../../../shared/core/range/offset-range.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { cutError, describeStack } from "../errors/describe-error.ts";
import { requireRejected } from "./code-arguments.ts";

interface Rejection {
  readonly reason: string;
  readonly position: bigint;
  /** Of the code that rejects. */
  readonly stack: string | undefined;
}

export class Rejects {
  readonly #claimed: RangeRecord;
  readonly #target: DeadLetterTarget | undefined;
  /** By offset, so that a record that is rejected twice counts once. */
  readonly #sent = new Map<bigint, Promise<void>>();
  #committedOffset: bigint;
  #failure: { readonly error: unknown } | undefined;

  constructor(claimed: RangeRecord, target: DeadLetterTarget | undefined) {
    this.#claimed = claimed;
    this.#target = target;
    this.#committedOffset = claimed.committedOffset;
  }

  add(record: KafkaRecord, how: { readonly reason: string; readonly position: bigint }): Promise<void> {
    // To show a stack takes longer than to reject a record.
    const stack = this.#sent.size < MAX_REJECT_STACKS ? describeStack(new Error("rejected")) : undefined;
    const kept = this.#keep(record, { ...how, stack });
    // Neither processed nor kept: code that does not wait for it, or looks away, must not commit.
    kept.catch((error: unknown) => {
      this.#failure ??= { error };
    });
    return kept;
  }

  /** From now on a record below the offset is committed: asked for at the time of the commit, not of its write. */
  close(offset: bigint): void {
    this.#committedOffset = largerOf(offset, this.#committedOffset);
  }

  /** Whether so many more may be rejected before a commit. */
  hasRoomFor(records: number): boolean {
    return this.#sent.size + records <= MAX_UNCOMMITTED_REJECTS;
  }

  /** The offsets of the records below the offset that were rejected since the last commit, each kept by the target. */
  async settleBelow(offset: bigint): Promise<readonly bigint[]> {
    const covered = [...this.#sent].filter(([rejected]) => rejected < offset);
    await Promise.allSettled(covered.map(([, sent]) => sent));
    if (this.#failure !== undefined) {
      throw this.#failure.error;
    }
    return covered.map(([rejected]) => rejected);
  }

  /** They are committed: a later change does not count them again. */
  forgetBelow(offset: bigint): void {
    for (const rejected of [...this.#sent.keys()].filter((one) => one < offset)) {
      this.#sent.delete(rejected);
    }
  }

  async #keep(record: KafkaRecord, { reason, position, stack }: Rejection) {
    requireRejected(`reject of ${formatOffsetRange(this.#claimed)}`, record, reason);
    const { chain, topic, partition, attempt } = this.#claimed;
    const { offset } = record;
    const where = `reject(${offset}) of ${formatOffsetRange(this.#claimed)}`;
    if (this.#target === undefined) {
      throw new ConfigurationError(
        `${where}: there is no dead-letter target; set RANGES_DEAD_LETTER_QUEUE_URL, RANGES_DEAD_LETTER_BUCKET or RANGES_DEAD_LETTER_TOPIC`,
      );
    }
    if (offset < this.#committedOffset || offset >= position) {
      throw new MisuseError(
        `${where} lies outside [${this.#committedOffset}, ${position}), from the last commit to the last record delivered`,
      );
    }
    if (!this.hasRoomFor(1) && !this.#sent.has(offset)) {
      throw new MisuseError(
        `${where}: ${MAX_UNCOMMITTED_REJECTS} records are rejected since the last commit; commit more often`,
      );
    }
    const error = { name: "Rejected", message: cutError(reason), ...omitUndefined({ stack }) };
    const letter = { chain, topic, partition, offset, kind: "rejected", error, attempt, record } as const;
    const sent = this.#sent.get(offset) ?? this.#target.send(letter);
    this.#sent.set(offset, sent);
    await sent;
  }
}
