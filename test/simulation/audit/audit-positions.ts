// Audit of the positions
//
// Holds each transaction of a store that keeps positions against the ledger, at the moment at which it is
// committed, and each move of the ledger against the positions as they are then.
//
//   AP1  A transaction that is committed has the outputs of one chain and moves the chain's one position on, over
//        all of them; nobody else's transactions move that position.
//   AP2  It moves the position from where the ledger has the range, or is about to have it, and not beyond
//        the range's end.
//   AP3  The ledger never says more of a chain than its position does.
//   AP4  Outputs of a live chain are in the order of its offsets, each once, wherever they are; so is what readers are
//        given once nothing is under way, all of it.

import type { AuditedStore, CommittedOutputs, OutputRow, SimulatedOutput } from "../outputs/simulated-output.ts";
import type { AppliedWrite } from "../table/simulated-dynamodb.ts";
import type { Report } from "../world/violation.ts";
import { isOpen, type RangeView, viewRange } from "./range-view.ts";

/** As functions/outputs/kafka/README.md has it: pipeline, topic id, partition, and what a request adds. */
const TRANSACTIONAL_ID = /^kafka-offset-ranges\.word-count\.([0-9a-f-]{36})\.(\d+)(?:\.([^.]+)\..+)?$/;
const GIVEN_UP = new Set(["SKIPPED", "LOST"]);

export class PositionsAudit {
  readonly #report: Report;
  readonly #store: SimulatedOutput;
  readonly #audited: AuditedStore;
  /** Every range that there ever was, by chain and where it begins. */
  readonly #ranges = new Map<string, Map<bigint, RangeView>>();
  /** By whom each position is moved. */
  readonly #movers = new Map<string, string>();
  /** By chain and position. */
  readonly #positions = new Map<string, Map<string, bigint>>();

  constructor(report: Report, store: SimulatedOutput, audited: AuditedStore) {
    this.#report = report;
    this.#store = store;
    this.#audited = audited;
    audited.watch((committed) => this.#checkCommit(committed));
  }

  check({ writes }: AppliedWrite): void {
    for (const { before, after } of writes) {
      const [old, next] = [viewRange(before), viewRange(after)];
      if (next !== undefined) {
        const ranges = this.#ranges.get(next.chain) ?? new Map<bigint, RangeView>();
        this.#ranges.set(next.chain, ranges.set(next.fromOffset, next));
        this.#checkMove(old?.committedOffset ?? next.fromOffset, next);
      }
    }
  }

  /** Whether the position is behind what an operator has given up, in a range that the ledger has not got so far with. */
  isCut({ topicId, partition }: Pick<RangeView, "topicId" | "partition">): boolean {
    const chain = `live ${topicId}-${partition}`;
    const ranges = [...(this.#ranges.get(chain)?.values() ?? [])];
    const stands = [...(this.#positions.get(chain)?.values() ?? [])];
    return ranges
      .filter((range) => isOpen(range) && stands.some((position) => range.committedOffset < position))
      .some(({ fromOffset }) =>
        ranges.some(({ status, untilOffset }) => GIVEN_UP.has(status) && untilOffset <= fromOffset),
      );
  }

  /** Once nothing is under way any more. */
  checkEnd(): void {
    const nameOf = ({ chain, offset, value }: OutputRow) => `${chain}/${offset} ${value}`;
    const read = new Set(this.#audited.read().map(nameOf));
    const hidden = this.#store.rows().filter((row) => !read.has(nameOf(row)));
    if (hidden.length > 0) {
      this.#report("AP4", `readers are not given ${hidden.map(nameOf).join(", ")}`);
    }
  }

  #checkCommit({ by, rows, moves }: CommittedOutputs): void {
    const [, topicId, partition, requestId] = TRANSACTIONAL_ID.exec(by) ?? [];
    const chain = `${requestId ?? "live"} ${topicId}-${partition}`;
    const [move, ...others] = moves;
    const all = rows.flat();
    const strange = all.find((row) => row.chain !== chain);
    if (move === undefined || others.length > 0) {
      this.#report("AP1", `${by} commits ${all.length} outputs and moves ${moves.length} positions`);
      return;
    }
    const { name, from, to } = move;
    const mover = this.#movers.get(name) ?? by;
    this.#movers.set(name, mover);
    const isOutside = all.some(({ offset }) => offset < (from ?? 0n) || offset >= to);
    if (strange !== undefined || mover !== by || to <= (from ?? -1n) || isOutside) {
      const what = all.map((row) => `${row.chain}/${row.offset}`).join(", ");
      this.#report("AP1", `${by} moves ${name}, which is of ${mover}, from ${from} to ${to} with ${what}`);
    }
    if (rows.some((ofPlace) => ofPlace.some(({ offset }, index) => offset <= (ofPlace[index - 1]?.offset ?? -1n)))) {
      this.#report("AP4", `${by} has its outputs in another order: ${all.map(({ offset }) => offset).join(", ")}`);
    }
    this.#positions.set(chain, (this.#positions.get(chain) ?? new Map<string, bigint>()).set(name, to));
    this.#checkRange(chain, move);
  }

  #checkRange(chain: string, { name, from, to }: CommittedOutputs["moves"][number]): void {
    const ranges = [...(this.#ranges.get(chain)?.values() ?? [])];
    const isOf = (range: RangeView) =>
      (isOpen(range) || GIVEN_UP.has(range.status)) && range.committedOffset < to && to <= range.untilOffset;
    // An operator may have cut the range of whoever commits; only a closed range says so.
    const isCut = ranges.some((range) => GIVEN_UP.has(range.status) && range.untilOffset > (from ?? 0n));
    if (!ranges.some(isOf) && !isCut) {
      const has = ranges.map((range) => `${range.status} [${range.committedOffset}, ${range.untilOffset})`);
      this.#report("AP2", `${name} moves from ${from} to ${to}, and the ledger has ${has.at(-1) ?? "nothing"}`);
    }
  }

  /** A range that is given up moves nothing. */
  #checkMove(from: bigint, { chain, committedOffset, status }: RangeView): void {
    const positions = this.#positions.get(chain) ?? new Map<string, bigint>();
    if (committedOffset > from && status !== "ANCHOR" && ![...positions.values()].includes(committedOffset)) {
      const stands = [...positions].map(([name, offset]) => `${name} at ${offset}`).join(", ");
      this.#report("AP3", `${chain} is committed to ${committedOffset}, and the store has ${stands || "nothing"}`);
    }
  }
}
