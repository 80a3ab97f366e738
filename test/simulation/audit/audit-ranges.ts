// Audit of the ranges
//
// Holds each write of a range's item, as it takes effect, against the guarantees. It
// does not ask the status machine, and remembers what the table may have forgotten.
//
//   G2: A live range begins where its chain ends, and nothing of the chain is open then.
//   G3: Only the lease's owner moves a range on; a lease is given once, when no other holds.
//   G4: A closed range never changes, but for the renewal's marks.
//   FP1: What is planned belongs to the log of its own topic id, also of one that is gone.
//   G6: A chain begins where the pipeline starts; the table forgets no open range.
//   L4: Who has a lease, or closed the range, is told so.
//   PS1: Nothing is planned of what was paused before the run began.
//   G7: A lease outlives its invocation, and a range is dispatched again only when it is due.
//   RS6: What an operator leaves to process is due at once.
//   RS8: Of a record that an operator gives up nothing takes effect, and nothing else is given up with it.
//   G9: A reprocessed range is one that was asked for.

import type { ProcessOutcome } from "../../../functions/processor/attempt/processor-deps.ts";
import { DEADLINE_MARGIN_MS } from "../../../shared/core/limits.ts";
import type { RangeRecord } from "../../../shared/core/range/range-record.ts";
import type { ExcusedChain, SimulatedCluster } from "../cluster/simulated-cluster.ts";
import type { Item } from "../table/expressions.ts";
import type { AppliedWrite } from "../table/simulated-dynamodb.ts";
import type { TableWrite } from "../table/simulated-table.ts";
import type { SimulationRules } from "../world/simulation-rules.ts";
import type { Report } from "../world/violation.ts";
import type { Actor, World } from "../world/world.ts";
import { PipelineAudit } from "./audit-pipeline.ts";
import { isOpen, type RangeView, viewRange } from "./range-view.ts";

interface Chain {
  readonly start: bigint;
  readonly newest: RangeView;
}

interface RangesAuditParts {
  readonly world: World;
  readonly cluster: SimulatedCluster;
  readonly rules: SimulationRules;
  readonly report: Report;
  /** As range-view.ts names them. */
  readonly deadLetters: ReadonlyMap<string, unknown>;
}

const GIVEN_UP = new Set(["SKIPPED", "QUARANTINED", "LOST"]);

/** Attributes that a renewal may change. */
const MARKS = new Set(["revision", "writeId", "expiresAt"]);

export class RangesAudit {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  readonly #rules: SimulationRules;
  readonly #report: Report;
  readonly #deadLetters: ReadonlyMap<string, unknown>;
  readonly #chains = new Map<string, Chain>();
  readonly #pipeline: PipelineAudit;
  /** What was given up of each chain, or rejected. */
  readonly #givenUp = new Map<string, (readonly [from: bigint, until: bigint])[]>();
  readonly #leases = new Map<string, string>();
  /** Who made each range's last change. */
  readonly #closers = new Map<string, string>();

  constructor({ world, cluster, rules, report, deadLetters }: RangesAuditParts) {
    this.#world = world;
    this.#cluster = cluster;
    this.#rules = rules;
    this.#report = report;
    this.#deadLetters = deadLetters;
    this.#pipeline = new PipelineAudit(world, cluster);
  }

  /** Up to where everything of the chain took effect; undefined before it began. */
  checkpoint(topicId: string, partition: number): bigint | undefined {
    const newest = this.#chains.get(`live ${topicId}-${partition}`)?.newest;
    return newest === undefined || !isOpen(newest) ? newest?.untilOffset : newest.committedOffset;
  }

  /** Where the chain began. */
  start(topicId: string, partition: number): bigint {
    return this.#chains.get(`live ${topicId}-${partition}`)?.start ?? 0n;
  }

  newest(topicId: string, partition: number): RangeView | undefined {
    return this.#chains.get(`live ${topicId}-${partition}`)?.newest;
  }

  /** Open ranges of other topics than these, by name. */
  openBeside(topicIds: ReadonlySet<string>): readonly string[] {
    return [...this.#chains.values()].flatMap(({ newest }) =>
      newest.requestId === undefined && isOpen(newest) && !topicIds.has(newest.topicId) ? [nameOf(newest)] : [],
    );
  }

  isStarted(topicId: string): boolean {
    return this.#pipeline.isStarted(topicId);
  }

  /** Whether the offset was rejected, skipped, quarantined, or lost. */
  isGivenUp({ topicId, partition }: ExcusedChain, offset: bigint | undefined): boolean {
    const givenUp = this.#givenUp.get(`live ${topicId}-${partition}`) ?? [];
    return offset !== undefined && givenUp.some(([from, until]) => from <= offset && offset < until);
  }

  /**
   * A processor that has the lease, or made the last change, does not think that another was faster;
   * unless its time is up, when it hands back a range that its code may still complete, or it was
   * never answered.
   */
  checkOutcome(actor: Actor, { chain, fromOffset }: RangeRecord, kind: ProcessOutcome["kind"]): void {
    const live = `live ${chain.topicId}-${chain.partition}`;
    const key =
      chain.requestId === undefined ? live : `${chain.requestId} ${chain.topicId}-${chain.partition} ${fromOffset}`;
    const newest = this.#chains.get(key)?.newest;
    const isOutOfTime = this.#world.now >= actor.endsAt - DEADLINE_MARGIN_MS;
    if (
      isOutOfTime ||
      actor.isCutOff ||
      newest?.fromOffset !== fromOffset ||
      (kind !== "notClaimed" && kind !== "superseded")
    ) {
      return;
    }
    if (newest.leaseOwner !== undefined && this.#leases.get(leaseNameOf(newest)) === actor.name) {
      this.#report("L4", `${actor.name} has the lease of ${nameOf(newest)}, and believes that it is ${kind}`);
    }
    if (newest.status === "COMPLETED" && this.#closers.get(key) === actor.name) {
      this.#report("L4", `${actor.name} completed ${nameOf(newest)}, and believes that it is ${kind}`);
    }
  }

  check({ by, writes }: AppliedWrite): void {
    for (const write of writes) {
      this.#checkWrite(by, write);
    }
  }

  #checkWrite(by: Actor, { key, before, after }: TableWrite): void {
    if (key.startsWith("v1#pipelines ")) {
      this.#pipeline.note(before, after);
    }
    const [old, next] = [viewRange(before), viewRange(after)];
    if (next === undefined) {
      return;
    }
    this.#world.trace.count(`status ${next.status}`);
    if (old === undefined || old.status === "ANCHOR") {
      this.#checkPlanned(by, old, next);
    } else if (!isOpen(old)) {
      this.#checkClosed(before ?? {}, after ?? {}, old);
    } else {
      this.#checkChanged(by, old, next);
    }
    if (isOpen(next) && next.expiresAt !== undefined) {
      this.#report("G6", `${nameOf(next)} is open, and the table may forget it`);
    }
    if (by.kind === "operator" && isOpen(next) && next.dispatchedAt !== 0) {
      this.#report("RS6", `${by.name} left ${nameOf(next)}, as if it were dispatched`);
    }
    if (next.accounted > next.committedOffset - next.fromOffset) {
      this.#report("counts", `${nameOf(next)} accounts for ${next.accounted} offsets, more than it has committed`);
    }
    if (GIVEN_UP.has(next.status) && (old === undefined || isOpen(old))) {
      this.#checkGivenUp(next);
    }
    this.#closers.set(keyOf(next), by.name);
    const known = this.#chains.get(keyOf(next));
    // A run that slept may renew a range that is not the newest any more.
    const isNewest = known === undefined || next.fromOffset >= known.newest.fromOffset;
    this.#chains.set(keyOf(next), {
      start: known?.start ?? next.fromOffset,
      newest: isNewest ? next : known.newest,
    });
  }

  #checkPlanned(by: Actor, anchor: RangeView | undefined, next: RangeView): void {
    const newest = this.#chains.get(keyOf(next))?.newest;
    if (next.requestId !== undefined) {
      return;
    }
    if (anchor !== undefined && next.status === "ANCHOR") {
      return;
    }
    if (by.kind === "scheduler" && this.#pipeline.isPausedSince(next, by.startedAt)) {
      this.#report("PS1", `${by.name} planned ${nameOf(next)}, which is paused`);
    }
    if (newest === undefined) {
      this.#checkStart(next);
    } else if (newest.untilOffset !== next.fromOffset) {
      this.#report("G2", `${nameOf(next)} was planned, but the chain ends at ${newest.untilOffset}`);
    } else if (isOpen(newest)) {
      this.#report("G2", `${nameOf(next)} was planned while ${nameOf(newest)} is ${newest.status}`);
    }
    this.#checkReadable(next);
  }

  #checkStart(next: RangeView): void {
    const { topicId, partition, fromOffset } = next;
    const beginningOffset = this.#cluster.beginningOf(next);
    const startsLatest = this.#rules.startingOffsets === "latest" && this.#pipeline.isFirst(next);
    if (
      this.#rules.onTopicRecreated === "fail" &&
      topicId !== this.#pipeline.firstTopicId &&
      this.checkpoint(this.#pipeline.firstTopicId, partition) !== undefined
    ) {
      this.#report("G6", `${nameOf(next)} belongs to a topic that was re-created`);
    }
    if (!startsLatest && fromOffset > beginningOffset) {
      this.#report("G6", `${nameOf(next)} starts above ${beginningOffset}, where the log begins`);
    }
  }

  /** Nothing is planned that a reader may not see, nor what a log never had that is gone by now. */
  #checkReadable(next: RangeView): void {
    const { topicId, partition, untilOffset } = next;
    const deletedEnd = this.#cluster.deletedEndOf(next);
    if (deletedEnd !== undefined && untilOffset > deletedEnd) {
      this.#report("FP1", `${nameOf(next)} was planned beyond ${deletedEnd}, where the log ended that is gone`);
    }
    const isThere = this.#cluster.partition(partition).topicId === topicId;
    const end = this.#cluster.endOffset(partition, this.#rules.isolationLevel);
    if (isThere && untilOffset > end && this.#cluster.excuseOf({ topicId, partition }) === undefined) {
      this.#report("G1", `${nameOf(next)} was planned beyond ${end}, where what can be read ends`);
    }
  }

  /** What is lost is gone, and what is quarantined has its letter. */
  #checkGivenUp(next: RangeView): void {
    const { topicId, partition, committedOffset, untilOffset } = next;
    const before = this.#givenUp.get(next.chain) ?? [];
    this.#givenUp.set(next.chain, [...before, [committedOffset, untilOffset]]);
    const present = this.#cluster.partition(partition);
    if (next.status === "LOST" && present.topicId === topicId && present.beginningOffset < untilOffset) {
      this.#report("G6", `${nameOf(next)} is LOST, but the log begins at ${present.beginningOffset}`);
    }
    if (next.status === "QUARANTINED" && !this.#deadLetters.has(`${next.chain}/${committedOffset}`)) {
      this.#report("SF1", `${nameOf(next)} is QUARANTINED without a dead letter of ${committedOffset}`);
    }
    if (next.status === "QUARANTINED" && untilOffset !== committedOffset + 1n) {
      this.#report("JF1", `${nameOf(next)} is QUARANTINED from ${committedOffset} on, not one record alone`);
    }
  }

  #checkClosed(before: Item, after: Item, old: RangeView): void {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    const changed = [...names].filter((name) => !MARKS.has(name) && !isSame(before[name], after[name]));
    if (changed.length > 0) {
      this.#report("G4", `${nameOf(old)} is ${old.status}, and yet ${changed.join(", ")} changed`);
    }
  }

  #checkChanged(by: Actor, old: RangeView, next: RangeView): void {
    const rejected = next.rejectedOffsets.slice(old.rejectedOffsets.length);
    const before = this.#givenUp.get(next.chain) ?? [];
    this.#givenUp.set(next.chain, [...before, ...rejected.map((offset) => [offset, offset + 1n] as const)]);
    if (next.committedOffset < old.committedOffset) {
      this.#report("G5", `${nameOf(next)} went back from ${old.committedOffset} to ${next.committedOffset}`);
    }
    if (next.leaseCounter !== old.leaseCounter) {
      this.#checkClaim(by, old, next);
    } else if (old.status === "RUNNING") {
      this.#checkOwner(by, old, next);
    } else {
      this.#checkDispatch(old, next);
    }
    // A store of its own may have had the record before the operator's word (PW1 of output-event.ts).
    const mayPass = this.#rules.output === "postgres" || this.#rules.output === "kafka";
    if (!mayPass && old.skipOffset !== undefined && next.committedOffset > old.skipOffset) {
      this.#report("RS8", `${by.name} passed ${old.skipOffset} of ${nameOf(old)}, which is to be skipped`);
    }
    const isOnlyThat = next.committedOffset === old.skipOffset && next.untilOffset === next.committedOffset + 1n;
    if (by.kind === "processor" && next.status === "SKIPPED" && !isOnlyThat) {
      this.#report(
        "RS8",
        `${by.name} skipped [${next.committedOffset}, ${next.untilOffset}), not ${old.skipOffset} alone`,
      );
    }
    if (next.untilOffset !== old.untilOffset && isOpen(next)) {
      this.#report("G2", `${nameOf(old)} ends at ${next.untilOffset} all at once`);
    }
  }

  #checkClaim(by: Actor, old: RangeView, next: RangeView): void {
    const lease = leaseNameOf(next);
    if (next.leaseCounter !== old.leaseCounter + 1 || next.status !== "RUNNING") {
      this.#report("G3", `${by.name} took lease ${next.leaseCounter} of ${nameOf(next)} after ${old.leaseCounter}`);
    }
    if (this.#leases.has(lease)) {
      this.#report("G3", `${lease} was given to ${this.#leases.get(lease)} and to ${by.name}`);
    }
    if (old.status === "RUNNING" && this.#isBefore(old.leaseExpiresAt)) {
      this.#report("G3", `${by.name} claimed ${nameOf(next)} while ${old.leaseOwner} holds its lease`);
    }
    if (old.status === "FAILED" && this.#isBefore(old.nextAttemptAt) && old.dispatchedAt < old.nextAttemptAt) {
      this.#report("G7", `${by.name} claimed ${nameOf(next)} before its next attempt is due`);
    }
    if (next.leaseExpiresAt + 2 * this.#rules.maxSkewMs < by.endsAt) {
      this.#report("G7", `${by.name} may outlive the lease that it took of ${nameOf(next)}`);
    }
    this.#leases.set(lease, by.name);
  }

  #checkOwner(by: Actor, old: RangeView, next: RangeView): void {
    const lease = leaseNameOf(next);
    // Nothing is done by it: what takes effect is audit-outputs.ts'.
    const ends =
      by.kind === "operator" ? ["PLANNED", "SKIPPED"] : by.kind === "scheduler" ? ["FAILED", "LOST", "COMPLETED"] : [];
    const isExpiry = next.committedOffset === old.committedOffset && ends.includes(next.status);
    if (isExpiry && this.#isBefore(old.leaseExpiresAt)) {
      this.#report("G3", `${by.name} expired the lease of ${nameOf(next)} while ${old.leaseOwner} holds it`);
    }
    if (!isExpiry && this.#leases.get(lease) !== by.name) {
      this.#report("G3", `${by.name} moved ${nameOf(next)} on, which ${this.#leases.get(lease)} has the lease of`);
    }
  }

  #checkDispatch(old: RangeView, next: RangeView): void {
    const isWaiting = old.status === "FAILED" && old.dispatchedAt < old.nextAttemptAt;
    const due = isWaiting
      ? old.nextAttemptAt
      : old.dispatchedAt === 0
        ? 0
        : old.dispatchedAt + this.#rules.dispatchTimeoutMs;
    if (next.dispatchedAt > old.dispatchedAt && this.#isBefore(due)) {
      this.#report("G7", `${nameOf(next)} was dispatched again before it was due`);
    }
  }

  /** Whether the moment lies in the future by any clock that is not out of order. */
  #isBefore(moment: number): boolean {
    return this.#world.now + 2 * this.#rules.maxSkewMs < moment;
  }
}

/** The text of an error may be cut once more where the item grows (IC3 of item-codec.ts). */
function isSame(before: Item[string] | undefined, after: Item[string] | undefined): boolean {
  const [text, cut] = [before?.M?.["message"]?.S, after?.M?.["message"]?.S];
  const isCut = text !== undefined && cut !== undefined && text.startsWith(cut);
  const present = isCut ? { M: { ...after?.M, message: { S: text } } } : after;
  return JSON.stringify(before) === JSON.stringify(present);
}

function leaseNameOf(range: RangeView): string {
  return `${keyOf(range)} ${range.fromOffset} lease ${range.leaseCounter}`;
}

/** A live chain is one; each reprocessed range is its own. */
function keyOf({ chain, requestId, fromOffset }: RangeView): string {
  return requestId === undefined ? chain : `${chain} ${fromOffset}`;
}

function nameOf({ chain, fromOffset, untilOffset }: RangeView): string {
  return `${chain} [${fromOffset}, ${untilOffset})`;
}
