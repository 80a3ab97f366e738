// Log history
//
// Everything that ever stood at each offset of one partition, also what compaction,
// retention or a truncation took away since: what an output is held against.

import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { FakeTransaction, StoredOffset } from "../../support/kafka/fake-kafka-log.ts";

export interface Incarnation {
  readonly offset: bigint;
  readonly kind: "record" | "marker";
  readonly value: string;
  readonly leaderEpoch: number;
  readonly transaction: FakeTransaction | undefined;
  isCompacted: boolean;
  /** The epoch whose leader did not have it any more. */
  truncatedIn: number | undefined;
}

export class LogHistory {
  readonly #offsets: Incarnation[][] = [];
  readonly #byValue = new Map<string, Incarnation>();

  /** What was appended last. */
  append(stored: readonly StoredOffset[]): void {
    for (const { offset, kind, value, leaderEpoch, transaction } of stored) {
      const incarnation: Incarnation = {
        offset,
        kind: kind === "marker" ? "marker" : "record",
        value,
        leaderEpoch,
        transaction,
        isCompacted: false,
        truncatedIn: undefined,
      };
      this.#offsets[Number(offset)] = [...this.at(offset), incarnation];
      this.#byValue.set(value, incarnation);
    }
  }

  compact(offset: bigint): void {
    const present = this.at(offset).at(-1);
    if (present !== undefined) {
      present.isCompacted = true;
    }
  }

  truncate(endOffset: bigint, leaderEpoch: number): void {
    for (const incarnations of this.#offsets.slice(Number(endOffset))) {
      const present = incarnations.at(-1);
      if (present !== undefined) {
        present.truncatedIn ??= leaderEpoch;
      }
    }
  }

  /** Exclusive, of what there ever was. */
  get highestEnd(): bigint {
    return BigInt(this.#offsets.length);
  }

  /** Oldest first. */
  at(offset: bigint): readonly Incarnation[] {
    return this.#offsets[Number(offset)] ?? [];
  }

  find(value: string): Incarnation | undefined {
    return this.#byValue.get(value);
  }

  /** Values that a reader must have been given, by offset: present, and visible. */
  visible(
    isolationLevel: IsolationLevel,
    { from, until }: { readonly from: bigint; readonly until: bigint },
  ): readonly string[] {
    return this.#offsets
      .slice(Number(from), Number(until))
      .flatMap((incarnations) => incarnations.slice(-1))
      .filter((one) => isVisible(one, isolationLevel) && !one.isCompacted && one.truncatedIn === undefined)
      .map(({ value }) => value);
  }
}

export function isVisible({ kind, transaction }: Incarnation, isolationLevel: IsolationLevel): boolean {
  const isCommitted = transaction === undefined || transaction.state === "committed";
  return kind === "record" && (isCommitted || isolationLevel === "read_uncommitted");
}
