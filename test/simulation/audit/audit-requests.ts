// Audit of the requests
//
// Holds what the ledger and the scheduler say became of a request's offsets against
// what became of them: the records that were written, also those that the table has
// forgotten since.
//
//   AR1  A settled range's offsets are kept as its records closed them, once; of a range
//        whose records were forgotten before, less may be known, never more.
//   AR2  A request that is told completed has had every offset processed.

import type { ReprocessOutcome } from "../../../functions/scheduler/reprocess/reprocess.ts";
import type { ResolvedRange } from "../../../shared/core/choice/resolve-choice.ts";
import { SORT_KEY } from "../../../shared/core/ledger/ledger-table.ts";
import { decodeIntervals } from "../../../shared/dynamodb/items/partition-codec.ts";
import { decodeRequest } from "../../../shared/dynamodb/items/request-codec.ts";
import type { Item } from "../table/expressions.ts";
import type { AppliedWrite } from "../table/simulated-dynamodb.ts";
import type { TableWrite } from "../table/simulated-table.ts";
import type { Report } from "../world/violation.ts";
import type { World } from "../world/world.ts";
import { isOpen, type RangeView, viewRange } from "./range-view.ts";

const KINDS = ["processed", "rejected", "quarantined", "skipped", "lost"] as const;

type Outcomes = Readonly<Record<(typeof KINDS)[number], bigint>>;

/** What the ledger says of a request's settled ranges. */
interface Settled {
  readonly indexes: readonly number[];
  readonly outcomes: Outcomes;
}

const NOTHING: Settled = { indexes: [], outcomes: outcomesAs(() => 0n) };

const GIVEN_UP: Readonly<Record<string, (typeof KINDS)[number]>> = {
  QUARANTINED: "quarantined",
  SKIPPED: "skipped",
  LOST: "lost",
};

export class RequestsAudit {
  readonly #world: World;
  readonly #report: Report;
  /** By request id. */
  readonly #ranges = new Map<string, readonly ResolvedRange[]>();
  readonly #settled = new Map<string, Settled>();
  /** By request id: every record that was ever written, by its name. */
  readonly #records = new Map<string, Map<string, RangeView>>();
  /** By the same name. */
  readonly #forgotten = new Set<string>();

  constructor(world: World, report: Report) {
    this.#world = world;
    this.#report = report;
  }

  check({ writes }: AppliedWrite): void {
    for (const write of writes) {
      this.#note(write);
    }
    for (const { key, after } of writes) {
      if (/^v1#[^#]+#open /.test(key)) {
        for (const { M = {} } of after?.["requests"]?.L ?? []) {
          this.#checkSettled(M["requestId"]?.S ?? "", M);
        }
      }
      if (/^v1#[^#]+#requests /.test(key) && after?.["completedAt"] !== undefined) {
        this.#checkSettled(after[SORT_KEY]?.S ?? "", after);
      }
    }
  }

  noteForgotten(item: Item): void {
    const range = viewRange(item);
    this.#forgotten.add(range === undefined ? "" : nameOf(range));
  }

  checkAnswer({ requestId, completed }: ReprocessOutcome): void {
    const ranges = this.#ranges.get(requestId) ?? [];
    const processed = ranges.reduce((sum, range) => sum + this.#become(requestId, range).outcomes.processed, 0n);
    const total = ranges.reduce((sum, { fromOffset, untilOffset }) => sum + (untilOffset - fromOffset), 0n);
    if (completed && processed !== total) {
      this.#report("AR2", `${requestId} is told completed, but ${processed} of its ${total} offsets were processed`);
    }
  }

  #note({ key, before, after }: TableWrite): void {
    if (/^v1#[^#]+#requests /.test(key) && before === undefined && after !== undefined) {
      this.#ranges.set(after[SORT_KEY]?.S ?? "", decodeRequest(after).ranges);
    }
    const range = viewRange(after);
    if (range?.requestId !== undefined) {
      const records = this.#records.get(range.requestId) ?? new Map<string, RangeView>();
      this.#records.set(range.requestId, records.set(nameOf(range), range));
    }
  }

  #checkSettled(requestId: string, item: Item): void {
    const before = this.#settled.get(requestId) ?? NOTHING;
    const after = readSettled(item);
    this.#settled.set(requestId, after);
    const added = after.indexes.filter((index) => !before.indexes.includes(index));
    const became = added.map((index) => this.#become(requestId, this.#ranges.get(requestId)?.[index]));
    for (const kind of KINDS) {
      const told = after.outcomes[kind] - before.outcomes[kind];
      const real = became.reduce((sum, { outcomes }) => sum + outcomes[kind], 0n);
      const isLess = told < real && became.some(({ isForgotten }) => isForgotten) && told >= 0n;
      if (told > 0n) {
        this.#world.trace.count(`request offsets ${kind}`);
      }
      if (told !== real && !isLess) {
        this.#report("AR1", `${requestId} settles ranges ${added.join()} with ${told} ${kind}, but it is ${real}`);
      }
    }
    if (became.some((one) => one.isOpen)) {
      this.#report("AR1", `${requestId} settles ranges ${added.join()}, not all of which are closed`);
    }
  }

  #become(requestId: string, range: ResolvedRange | undefined) {
    const all = [...(this.#records.get(requestId) ?? [])];
    const records = all.filter(([, record]) => range !== undefined && isWithin(record, range));
    return {
      outcomes: outcomesAs((kind) => records.reduce((sum, [, record]) => sum + countOf(record, kind), 0n)),
      isForgotten: records.some(([key]) => this.#forgotten.has(key)),
      isOpen: records.some(([, record]) => isOpen(record)),
    };
  }
}

function nameOf({ chain, fromOffset }: RangeView): string {
  return `${chain} ${fromOffset}`;
}

function isWithin(record: RangeView, { topicId, partition, fromOffset, untilOffset }: ResolvedRange): boolean {
  const isOfPartition = record.topicId === topicId && record.partition === partition;
  return isOfPartition && record.fromOffset >= fromOffset && record.fromOffset < untilOffset;
}

function countOf(record: RangeView, kind: (typeof KINDS)[number]): bigint {
  switch (kind) {
    case "processed":
      return record.committedOffset - record.fromOffset - record.rejected;
    case "rejected":
      return record.rejected;
    default:
      return GIVEN_UP[record.status] === kind ? record.untilOffset - record.committedOffset : 0n;
  }
}

function readSettled(item: Item): Settled {
  const outcomes = item["outcomes"]?.M ?? {};
  return {
    indexes: decodeIntervals(item["settled"]?.S ?? ""),
    outcomes: outcomesAs((kind) => BigInt(outcomes[kind]?.N ?? 0)),
  };
}

function outcomesAs(count: (kind: (typeof KINDS)[number]) => bigint): Outcomes {
  return {
    processed: count("processed"),
    rejected: count("rejected"),
    quarantined: count("quarantined"),
    skipped: count("skipped"),
    lost: count("lost"),
  };
}
