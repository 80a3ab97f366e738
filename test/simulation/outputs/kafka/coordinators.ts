// Coordinators
//
// Which broker answers for which group and transactional id. It moves now and then; whoever is asked
// for it may not have heard of that yet, and the new one has to load first what there is.

import type { FindCoordinatorResponse } from "../../../../shared/kafka/protocol/groups/find-coordinator-v3.ts";
import { BROKERS, brokerOf } from "../../../support/kafka/fake-kafka-log.ts";
import type { World } from "../../world/world.ts";

const COORDINATOR_LOAD_IN_PROGRESS = 14;
const NOT_COORDINATOR = 16;

/** Of the requests, those at which it moves. */
const MOVES = 0.01;
const LOAD_MS = 1_500;
const HEAR_MS = 2_000;

interface Seat {
  readonly nodeId: number;
  readonly before: number;
  readonly heardAt: number;
  readonly loadedAt: number;
}

export class Coordinators {
  readonly #world: World;
  readonly #seats = new Map<string, Seat>();
  #isCalm = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** None moves any more. */
  heal(): void {
    this.#isCalm = true;
    this.#seats.clear();
  }

  /** As the one that is asked knows it. */
  find(key: string): FindCoordinatorResponse {
    const { nodeId, before, heardAt } = this.#seatOf(key);
    const known = heardAt > this.#world.now ? before : nodeId;
    return { throttleTimeMs: 0, errorCode: 0, ...brokerOf(known) };
  }

  /** The error code with which a broker refuses a request that is for the coordinator; 0 where it is that. */
  refusal(nodeId: number, key: string): number {
    if (!this.#isCalm && this.#world.chance(MOVES)) {
      this.#move(key);
    }
    const seat = this.#seatOf(key);
    if (seat.nodeId !== nodeId) {
      return NOT_COORDINATOR;
    }
    return seat.loadedAt > this.#world.now ? COORDINATOR_LOAD_IN_PROGRESS : 0;
  }

  #move(key: string): void {
    const { now } = this.#world;
    const nodeId = 1 + this.#world.integer(BROKERS);
    const [hear, load] = [this.#world.interval(HEAR_MS), this.#world.interval(LOAD_MS)];
    this.#seats.set(key, { nodeId, before: this.#seatOf(key).nodeId, heardAt: now + hear, loadedAt: now + load });
    this.#world.trace.count("kafka coordinator moved");
    this.#world.log("cluster", `${key} is coordinated by ${nodeId}`);
  }

  #seatOf(key: string): Seat {
    const nodeId = 1 + (Buffer.from(key).reduce((sum, byte) => sum + byte, 0) % BROKERS);
    return this.#seats.get(key) ?? { nodeId, before: nodeId, heardAt: 0, loadedAt: 0 };
  }
}
