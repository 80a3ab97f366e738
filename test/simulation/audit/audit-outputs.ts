// Audit of the outputs
//
// Holds what each transaction writes against the log: the rows that take effect with
// a move of committedOffset are exactly the visible records that it passes.
//
//   G1: No record is invented, hidden, out of order, or from outside of what was passed.
//   G5: No record takes effect twice, and none is passed without its effect.
//   G6: Nothing takes effect that follows, in another epoch, records which are gone.

import { type Incarnation, isVisible, type LogHistory } from "../cluster/log-history.ts";
import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import type { Item } from "../table/expressions.ts";
import type { AppliedWrite } from "../table/simulated-dynamodb.ts";
import type { SimulationRules } from "../world/simulation-rules.ts";
import type { Report } from "../world/violation.ts";
import { isOpen, type RangeView, viewRange } from "./range-view.ts";

interface Row {
  readonly key: string;
  readonly offset: bigint;
  readonly value: string;
}

export class OutputsAudit {
  readonly #cluster: SimulatedCluster;
  readonly #rules: SimulationRules;
  readonly #report: Report;
  /** What took effect, by row. */
  readonly #rows = new Map<string, string>();
  /** Values by live chain, in the order in which they took effect. */
  readonly #values = new Map<string, string[]>();

  /** The last of them; none after what came next was skipped or lost. */
  readonly #last = new Map<string, string | undefined>();

  constructor(cluster: SimulatedCluster, rules: SimulationRules, report: Report) {
    this.#cluster = cluster;
    this.#rules = rules;
    this.#report = report;
  }

  valuesOf(topicId: string, partition: number): readonly string[] {
    return this.#values.get(`live ${topicId}-${partition}`) ?? [];
  }

  get rowCount(): number {
    return this.#rows.size;
  }

  check({ writes }: AppliedWrite): void {
    const rows = writes.flatMap(({ after }) => rowOf(after) ?? []);
    for (const { before, after } of writes) {
      const [old, next] = [viewRange(before), viewRange(after)];
      if (next !== undefined && (old === undefined || isOpen(old))) {
        this.#checkPassed(next, old?.committedOffset ?? next.fromOffset, rows);
      }
    }
    for (const { key, value } of rows) {
      if (this.#rows.has(key)) {
        this.#report("G5", `${value} took effect twice at ${key}`);
      }
      this.#rows.set(key, value);
    }
  }

  #checkPassed(next: RangeView, from: bigint, rows: readonly Row[]): void {
    const history = this.#cluster.historyOf(next.topicId, next.partition);
    const byOffset = new Map(rows.map((row) => [row.offset, row.value]));
    const until = next.committedOffset;
    this.#checkRows(history, rows, { from, until });
    for (let offset = from; offset < until; offset += 1n) {
      const stood = history.at(offset);
      const isOwed = stood.every((one) => isVisible(one, this.#rules.isolationLevel) && !one.isCompacted);
      if (isOwed && !byOffset.has(offset)) {
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

function rowOf(item: Item | undefined): Row | undefined {
  const [key, offset, value] = [item?.["pk"]?.S, item?.["sk"]?.S, item?.["value"]?.S];
  return key === undefined || offset === undefined || value === undefined
    ? undefined
    : { key: `${key}/${offset}`, offset: BigInt(offset), value };
}
