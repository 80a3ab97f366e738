// Simulated groups
//
// The offsets of consumer groups, as their coordinators keep them. What a transaction commits is pending
// until its marker is there. Some are of Kafka up to 3.9.0 (KAFKA-17507): they take markers in by one thread, which also loads
// other groups, while the transaction counts as complete; and then they take in whatever is pending of the producer,
// also of its next transaction. One thing of theirs is left out, which nobody can see who writes: a marker with
// nothing pending is taken in at once, and not late, when it would undo the next transaction's offset.

import { formatTopicPartition, type TopicPartition } from "../../../../shared/core/range/topic-partition.ts";
import type { FetchedOffset, OffsetFetchRequest } from "../../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import type { World } from "../../world/world.ts";
import type { Marker } from "./target-log.ts";

const INVALID_PRODUCER_EPOCH = 47;
const UNSTABLE_OFFSET_COMMIT = 88;

/** Of the markers, those that are taken in late. */
const LATE = 0.3;
const LATE_MS = [500, 40_000] as const;

export interface GroupOffset extends TopicPartition {
  readonly offset: bigint;
  readonly metadata: string;
}

interface PendingOffset {
  readonly producerId: bigint;
  readonly offset: GroupOffset;
  /** Whether its transaction's marker is there. */
  isMarked: boolean;
}

interface Group {
  /** By topic and partition, as everything here. */
  readonly offsets: Map<string, GroupOffset>;
  pending: readonly PendingOffset[];
  readonly epochs: Map<bigint, number>;
  /** Markers are taken in one after the other. */
  busyUntil: number;
}

export class SimulatedGroups {
  readonly #world: World;
  readonly #groups = new Map<string, Group>();
  readonly #takesInLate: boolean;
  #isCalm = false;

  constructor(world: World) {
    this.#world = world;
    this.#takesInLate = world.chance(0.6);
  }

  /** Markers are taken in at once. */
  heal(): void {
    this.#isCalm = true;
  }

  /** Outside of a transaction. */
  commit(groupId: string, offset: GroupOffset): void {
    this.#of(groupId).offsets.set(formatTopicPartition(offset), offset);
  }

  /** An error code. */
  commitInTransaction(
    groupId: string,
    { producerId, producerEpoch }: Omit<Marker, "isCommitted">,
    offset: GroupOffset,
  ): number {
    const group = this.#of(groupId);
    if (producerEpoch < (group.epochs.get(producerId) ?? 0)) {
      return INVALID_PRODUCER_EPOCH;
    }
    group.epochs.set(producerId, producerEpoch);
    const name = formatTopicPartition(offset);
    const isReplaced = (one: PendingOffset) =>
      one.producerId === producerId && formatTopicPartition(one.offset) === name;
    group.pending = [...group.pending.filter((one) => !isReplaced(one)), { producerId, offset, isMarked: false }];
    return 0;
  }

  /** Whether the producer's transaction has committed to it. */
  isOpen(groupId: string, producerId: bigint): boolean {
    return this.pendingOf(groupId, producerId).length > 0;
  }

  pendingOf(groupId: string, producerId: bigint): readonly GroupOffset[] {
    return this.#of(groupId)
      .pending.filter((one) => one.producerId === producerId && !one.isMarked)
      .map(({ offset }) => offset);
  }

  mark(groupId: string, { producerId, producerEpoch, isCommitted }: Marker): void {
    const group = this.#of(groupId);
    group.epochs.set(producerId, producerEpoch);
    const ended = group.pending.filter((one) => one.producerId === producerId && !one.isMarked);
    for (const one of ended) {
      one.isMarked = true;
    }
    if (ended.length > 0) {
      this.#takeIn(group, producerId, isCommitted);
    }
  }

  #takeIn(group: Group, producerId: bigint, isCommitted: boolean): void {
    const { now, trace } = this.#world;
    if (this.#takesInLate && !this.#isCalm && this.#world.chance(LATE)) {
      trace.count("kafka marker taken in late");
      group.busyUntil = Math.max(group.busyUntil, now + this.#world.interval(this.#world.choose(...LATE_MS)));
    }
    const takeIn = () => {
      const taken = group.pending.filter((one) => one.producerId === producerId);
      group.pending = group.pending.filter((one) => !taken.includes(one));
      for (const { offset } of isCommitted ? taken : []) {
        group.offsets.set(formatTopicPartition(offset), offset);
      }
    };
    if (group.busyUntil > now) {
      this.#world.after(group.busyUntil - now, takeIn);
    } else {
      takeIn();
    }
  }

  /** "all" are those that have an offset: not one whose first is pending. */
  fetch({ groupId, partitions, isStable }: OffsetFetchRequest): readonly FetchedOffset[] {
    const { offsets, pending } = this.#of(groupId);
    const asked = partitions === "all" ? [...offsets.values()] : partitions;
    return asked.map(({ topic, partition }): FetchedOffset => {
      const name = formatTopicPartition({ topic, partition });
      if (isStable && pending.some(({ offset }) => formatTopicPartition(offset) === name)) {
        this.#world.trace.count("kafka offset unstable");
        return { topic, partition, errorCode: UNSTABLE_OFFSET_COMMIT, offset: -1n, metadata: "" };
      }
      const { offset, metadata } = offsets.get(name) ?? { offset: -1n, metadata: "" };
      return { topic, partition, errorCode: 0, offset, metadata };
    });
  }

  #of(groupId: string): Group {
    const group = this.#groups.get(groupId) ?? { offsets: new Map(), pending: [], epochs: new Map(), busyUntil: 0 };
    this.#groups.set(groupId, group);
    return group;
  }
}
