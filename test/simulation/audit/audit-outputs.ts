// Audit of the outputs
//
// Holds what takes effect against the log: the rows that a transaction writes with a move of
// committedOffset, or that a store has by then, are exactly the visible records that it passes.
//
//   G1: No record is invented, hidden, out of order, or from outside of what was passed.
//   G5: No record takes effect twice, and none is passed without its effect. What a store has
//       stays there, and it has nothing else.
//   RJ1: What a range lists as rejected is what took no effect, and has a letter; what was listed stays so.
//   RJ2: The list is whole.
//   G6: Nothing takes effect that follows, in another epoch, records which are gone.

import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { type Incarnation, isVisible, type LogHistory } from "../cluster/log-history.ts";
import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import type { OutputRow, SimulatedOutput } from "../outputs/simulated-output.ts";
import type { Item } from "../table/expressions.ts";
import type { AppliedWrite } from "../table/simulated-dynamodb.ts";
import type { SimulationRules } from "../world/simulation-rules.ts";
import type { Report } from "../world/violation.ts";
import { isOpen, type RangeView, viewRange } from "./range-view.ts";

const GIVEN_UP = new Set(["SKIPPED", "LOST"]);

interface Row {
  readonly key: string;
  readonly offset: bigint;
  readonly value: string;
}

interface OutputsAuditParts {
  readonly cluster: SimulatedCluster;
  readonly rules: SimulationRules;
  readonly report: Report;
  /** Absent where outputs go into the ledger's own transactions. */
  readonly store: SimulatedOutput | undefined;
  /** As range-view.ts names them. */
  readonly deadLetters: ReadonlyMap<string, unknown>;
}

export class OutputsAudit {
  readonly #cluster: SimulatedCluster;
  readonly #rules: SimulationRules;
  readonly #report: Report;
  readonly #store: SimulatedOutput | undefined;
  readonly #deadLetters: ReadonlyMap<string, unknown>;
  /** What took effect, by row. */
  readonly #rows = new Map<string, string>();
  /** Values by live chain, in the order in which they took effect. */
  readonly #values = new Map<string, string[]>();

  /** By who has no output: the store may have what was prepared, or not told to the ledger, all the same. */
  readonly #givenUp: RangeView[] = [];

  /** The last of them; none after what came next was skipped or lost. */
  readonly #last = new Map<string, string | undefined>();

  constructor({ cluster, rules, report, store, deadLetters }: OutputsAuditParts) {
    this.#cluster = cluster;
    this.#rules = rules;
    this.#report = report;
    this.#store = store;
    this.#deadLetters = deadLetters;
  }

  valuesOf(topicId: string, partition: number): readonly string[] {
    return this.#values.get(`live ${topicId}-${partition}`) ?? [];
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  check({ by, writes }: AppliedWrite): void {
    const written = writes.flatMap(({ after }) => rowOf(after) ?? []);
    for (const { before, after } of writes) {
      const [old, next] = [viewRange(before), viewRange(after)];
      if (next !== undefined && (old === undefined || isOpen(old))) {
        const from = old?.committedOffset ?? next.fromOffset;
        const rows = this.#store === undefined ? written : rowsBetween(this.#store, next, from);
        this.#checkRejected(old?.rejectedOffsets ?? [], next, { from, rows });
        this.#checkPassed(next, from, rows);
        this.#note(this.#store === undefined ? [] : rows);
        if (GIVEN_UP.has(next.status) && by.kind !== "processor") {
          this.#givenUp.push(next);
        }
      }
    }
    this.#note(written);
  }

  /** Whether somebody without an output has given up what the store may have. */
  get hasGivenUp(): boolean {
    return this.#givenUp.length > 0;
  }

  /** Whether the store's last commit was of a range that an operator has cut meanwhile, and goes beyond the cut. */
  isCut({ topicId, partition }: Pick<RangeView, "topicId" | "partition">): boolean {
    const name = `live ${topicId}-${partition}`;
    const reached = this.#store?.reached?.().find(({ chain }) => chain === name);
    return (
      reached !== undefined &&
      this.#givenUp.some(
        ({ chain, untilOffset: cut }) => chain === name && reached.rangeFrom < cut && cut < reached.untilOffset,
      )
    );
  }

  #note(rows: readonly Row[]): void {
    for (const { key, value } of rows) {
      if (this.#rows.has(key)) {
        this.#report("G5", `${value} took effect twice at ${key}`);
      }
      this.#rows.set(key, value);
    }
  }

  /** What the store has is what took effect, each once; besides that what is under way in an open range, or was given up. */
  checkEnd(open: readonly RangeView[]): void {
    const loose = [...open, ...this.#givenUp];
    const mayHave = ({ chain, offset }: OutputRow) =>
      loose.some((one) => one.chain === chain && one.committedOffset <= offset && offset < one.untilOffset);
    const left = new Map(this.#rows);
    for (const row of this.#store?.rows() ?? []) {
      const { key, value } = namedRow(row);
      if (left.get(key) === value) {
        left.delete(key);
      } else if (this.#rows.has(key)) {
        this.#report("G5", `the store has ${value} at ${key} beside ${this.#rows.get(key)}`);
      } else if (!mayHave(row)) {
        this.#report("G5", `the store has ${value} at ${key}, which took no effect`);
      }
    }
    for (const [key, value] of this.#store === undefined ? [] : left) {
      this.#report("G5", `the store has lost ${value} at ${key}`);
    }
  }

  #checkPassed(next: RangeView, from: bigint, rows: readonly Row[]): void {
    const history = this.#cluster.historyOf(next.topicId, next.partition);
    const done = new Set([...rows.map(({ offset }) => offset), ...next.rejectedOffsets]);
    const until = next.committedOffset;
    this.#checkRows(history, rows, { from, until });
    for (let offset = from; offset < until; offset += 1n) {
      const stood = history.at(offset);
      const isOwed = stood.every((one) => isVisible(one, this.#rules.isolationLevel) && !one.isCompacted);
      if (isOwed && !done.has(offset)) {
        this.#report(
          "G5",
          `${next.chain} passed offset ${offset} without ${stood.map(({ value }) => value).join(" or ") || "anything there"}`,
        );
      }
    }
    if (next.requestId === undefined) {
      const before = this.#values.get(next.chain) ?? [];
      this.#checkLineage(history, this.#last.get(next.chain), rows);
      const last =
        next.status === "SKIPPED" || next.status === "LOST"
          ? undefined
          : (rows.at(-1)?.value ?? this.#last.get(next.chain));
      this.#last.set(next.chain, last);
      before.push(...rows.map(({ value }) => value));
      this.#values.set(next.chain, before);
    }
  }

  #checkRejected(
    before: readonly bigint[],
    next: RangeView,
    { from, rows }: { readonly from: bigint; readonly rows: readonly Row[] },
  ): void {
    const { chain, committedOffset, rejected, rejectedOffsets } = next;
    if (rejected !== BigInt(rejectedOffsets.length)) {
      this.#report("RJ2", `${chain} has rejected ${rejected}, and lists ${rejectedOffsets.join()}`);
    }
    const kept = rejectedOffsets.filter((offset) => offset < from);
    if (kept.join() !== before.join()) {
      this.#report("RJ1", `${chain} listed ${before.join()} below ${from}, and lists ${kept.join()} now`);
    }
    const written = new Set(rows.map(({ offset }) => offset));
    for (const offset of rejectedOffsets.slice(kept.length)) {
      if (offset >= committedOffset || written.has(offset) || !this.#deadLetters.has(`${chain}/${offset}`)) {
        this.#report("RJ1", `${chain} committed ${offset} to ${committedOffset} as rejected, and it was not`);
      }
    }
  }

  /** Whether the record took effect. */
  hasEffect(chain: Pick<ChainKey, "requestId" | "topicId" | "partition">, offset: bigint): boolean {
    const { requestId = "live", topicId, partition } = chain;
    const key =
      this.#store === undefined
        ? `${requestId}#${topicId}#${partition}/${offset.toString().padStart(19, "0")}`
        : `${requestId} ${topicId}-${partition}/${offset}`;
    return this.#rows.has(key);
  }

  #checkRows(
    history: LogHistory,
    rows: readonly Row[],
    passed: { readonly from: bigint; readonly until: bigint },
  ): void {
    let last = passed.from - 1n;
    for (const { offset, value } of rows) {
      const stood = history.at(offset).find((one) => one.value === value);
      if (stood === undefined || offset >= passed.until || offset <= last) {
        this.#report("G1", `${value} took effect at ${offset}, after ${last}, in [${passed.from}, ${passed.until})`);
      } else if (!isVisible(stood, this.#rules.isolationLevel) && stood.transaction?.wasCommitted !== true) {
        this.#report("G1", `${value} at ${offset} took effect although it is ${stood.transaction?.state}`);
      }
      last = offset;
    }
  }

  /** A record that was written after an earlier one was truncated away does not follow it. */
  #checkLineage(history: LogHistory, lastValue: string | undefined, rows: readonly Row[]): void {
    let before: Incarnation | undefined = lastValue === undefined ? undefined : history.find(lastValue);
    for (const { value } of rows) {
      const next = history.find(value);
      const gone = before?.truncatedIn;
      if (gone !== undefined && next !== undefined && next.leaderEpoch >= gone) {
        this.#report(
          "G6",
          `${value} of epoch ${next.leaderEpoch} took effect after ${before?.value}, which that epoch lost`,
        );
      }
      before = next;
    }
  }
}

/** What the store has of what the range has passed since `from`, by offset. */
function rowsBetween(store: SimulatedOutput, next: RangeView, from: bigint): readonly Row[] {
  if (next.committedOffset === from) {
    return [];
  }
  return store
    .rows()
    .filter(({ chain, offset }) => chain === next.chain && from <= offset && offset < next.committedOffset)
    .map(namedRow)
    .sort((a, b) => (a.offset < b.offset ? -1 : a.offset > b.offset ? 1 : 0));
}

function namedRow({ chain, offset, value }: OutputRow): Row {
  return { key: `${chain}/${offset}`, offset, value };
}

function rowOf(item: Item | undefined): Row | undefined {
  const [key, offset, value] = [item?.["pk"]?.S, item?.["sk"]?.S, item?.["value"]?.S];
  return key === undefined || offset === undefined || value === undefined
    ? undefined
    : { key: `${key}/${offset}`, offset: BigInt(offset), value };
}
