// Simulated groups
//
// The offsets of consumer groups, as their coordinators keep them. What a transaction commits is pending
// until its marker is there, and maybe a while longer: the group coordinator of Kafka up to 3.9 takes markers in by
// one thread, which also loads other groups, and the transaction counts as complete meanwhile.

import { formatTopicPartition, type TopicPartition } from "../../../../shared/core/range/topic-partition.ts";
import type { FetchedOffset, OffsetFetchRequest } from "../../../../shared/kafka/protocol/groups/offset-fetch-v7.ts";
import type { World } from "../../world/world.ts";
import type { Marker } from "./target-log.ts";

const INVALID_PRODUCER_EPOCH = 47;
const UNSTABLE_OFFSET_COMMIT = 88;

/** Of the markers, those that are taken in late. */
const LATE = 0.2;
const LATE_MS = [500, 40_000] as const;

export interface GroupOffset extends TopicPartition {
  readonly offset: bigint;
  readonly metadata: string;
}

interface PendingOffset {
  readonly producerId: bigint;
  readonly offset: GroupOffset;
  /** Whether its transaction's marker is there, which is not taken in yet. */
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
  #isCalm = false;

  constructor(world: World) {
    this.#world = world;
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
      one.producerId === producerId && !one.isMarked && formatTopicPartition(one.offset) === name;
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
    const takeIn = () => {
      group.pending = group.pending.filter((one) => !ended.includes(one));
      for (const { offset } of isCommitted ? ended : []) {
        group.offsets.set(formatTopicPartition(offset), offset);
      }
    };
    const { now, trace } = this.#world;
    if (!this.#isCalm && this.#world.chance(LATE)) {
      trace.count("kafka marker taken in late");
      group.busyUntil = Math.max(group.busyUntil, now + this.#world.interval(this.#world.choose(...LATE_MS)));
    }
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
