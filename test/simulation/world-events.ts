// World events
//
// What happens around the pipeline while it runs: producers, the log's own changes,
// brokers, clocks, requests. Each kind comes at random moments around its mean.

import { formatOffsetRange, recordCount } from "../../shared/core/range/offset-range.ts";
import { BROKERS } from "../support/kafka/fake-kafka-log.ts";
import type { RangesAudit } from "./audit/audit-ranges.ts";
import { isOpen, type RangeView } from "./audit/range-view.ts";
import type { SimulatedCluster } from "./cluster/simulated-cluster.ts";
import { TOPIC } from "./cluster/simulated-cluster.ts";
import type { Deployment } from "./deployment.ts";
import type { SimulatedDynamoDB } from "./table/simulated-dynamodb.ts";
import { type Network, NO_FAULTS } from "./world/network.ts";
import type { OperatorAct } from "./world/operator.ts";
import { WORLD_EVENTS, type WorldEvent } from "./world/simulation-rules.ts";
import type { World } from "./world/world.ts";

export interface WorldParts {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
  readonly dynamodb: SimulatedDynamoDB;
  readonly deployment: Deployment;
  readonly ranges: RangesAudit;
}

const MAX_BATCH = 6;
const PRODUCERS = 3;
const MAX_PARTITIONS = 4;
const MAX_ELECTION_MS = 40_000;
const MAX_DOWN_MS = 60_000;
const MAX_BROWNOUT_MS = 60_000;
const LAPSE_MS = 2_400_000;
const LAPSE_TICK_MS = 240_000;
const SWEEP_MS = 60_000;
const MAX_REQUESTS = 3;
/** Share of the calls that are throttled. */
const BROWNOUT = 0.9;
const MAX_REPLAYED = 60;
/** How long a run has run, in the mean, when its topic is re-created. */
const RUN_MS = 60;
const RECREATED = "the topic was re-created";

export class WorldEvents {
  readonly #parts: WorldParts;
  #isStopped = false;
  #lapseUntil = 0;
  #lapses = 0;
  #requests = 0;
  #isRecreated = false;

  constructor(parts: WorldParts) {
    this.#parts = parts;
  }

  start(): void {
    const { deployment } = this.#parts;
    for (const kind of WORLD_EVENTS) {
      const meanMs = deployment.rules.every[kind];
      if (meanMs > 0) {
        this.#repeat(meanMs, () => this.#happen(kind));
      }
    }
    this.#tick();
    this.#sweep();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #repeat(meanMs: number, run: () => void): void {
    const { world } = this.#parts;
    const isLapsing = this.#lapseUntil > world.now;
    world.after(world.interval(meanMs) + (isLapsing ? this.#lapseUntil - world.now : 0), () => {
      if (!this.#isStopped) {
        run();
        this.#repeat(meanMs, run);
      }
    });
  }

  /** EventBridge may deliver a tick twice, and a run may outlast the interval. */
  #tick(): void {
    const { world, deployment } = this.#parts;
    if (this.#isStopped) {
      return;
    }
    void deployment.schedule({ kind: "tick" });
    if (world.chance(deployment.rules.doubledEvents)) {
      world.trace.count("fault doubledTick");
      world.after(world.interval(100), () => void deployment.schedule({ kind: "tick" }));
    }
    const isLapsing = this.#lapseUntil > world.now;
    world.after(isLapsing ? LAPSE_TICK_MS : deployment.rules.tickMs, () => this.#tick());
  }

  #sweep(): void {
    const { world, dynamodb } = this.#parts;
    dynamodb.sweep();
    world.after(SWEEP_MS, () => this.#sweep());
  }

  #happen(kind: WorldEvent): void {
    const { world, cluster } = this.#parts;
    world.trace.count(`event ${kind}`);
    this.#happenings[kind](world.integer(cluster.partitionCount));
  }

  readonly #happenings: Readonly<Record<WorldEvent, (partition: number) => void>> = {
    produce: (partition) => this.#parts.cluster.append(partition, 1 + this.#parts.world.integer(MAX_BATCH)),
    transaction: (partition) => this.#transact(partition),
    compact: (partition) => this.#parts.cluster.compact(partition, this.#parts.world.choose(0.2, 1, 1)),
    deleteRecords: (partition) => this.#deleteRecords(partition),
    elect: (partition) => this.#elect(partition),
    truncate: (partition) => this.#truncate(partition),
    addPartition: () => this.#addPartition(),
    recreate: () => this.#recreate(),
    brokerDown: () => this.#parts.cluster.takeDown(this.#node(), this.#parts.world.integer(MAX_DOWN_MS)),
    brownout: () => this.#brownout(),
    clockStep: () => this.#stepClock(),
    reprocess: (partition) => this.#reprocess(partition),
    timeLapse: () => this.#lapse(),
    operate: (partition) => this.#operate(partition),
  };

  /** What is skipped is lost on purpose, and who skips does not look twice. */
  #operate(partition: number): void {
    const { world, deployment } = this.#parts;
    const verb = world.choose<OperatorAct["verb"]>("pause", "resume", "resume", "retry", "skip", "skip");
    const isOfPipeline = (verb === "pause" || verb === "resume") && world.chance(0.3);
    if (verb !== "skip") {
      void deployment.operate({ verb, ...(isOfPipeline ? {} : { partition }) });
      return;
    }
    const newest = this.#newestFrom(partition);
    const range = newest.find(isOpen) ?? newest[0];
    void (range === undefined ? undefined : deployment.operate(howToSkip(range)));
  }

  /** Of each partition that has begun, this one first. */
  #newestFrom(partition: number): readonly RangeView[] {
    const { cluster, ranges } = this.#parts;
    const count = cluster.partitionCount;
    const partitions = Array.from({ length: count }, (_, index) => (partition + index) % count);
    return partitions.flatMap((one) => ranges.newest(cluster.partition(one).topicId, one) ?? []);
  }

  #node(): number {
    return 1 + this.#parts.world.integer(BROKERS);
  }

  #elect(partition: number): void {
    this.#parts.cluster.elect(partition, this.#node(), this.#parts.world.choose(0, MAX_ELECTION_MS));
  }

  #addPartition(): void {
    const { cluster } = this.#parts;
    if (cluster.partitionCount < MAX_PARTITIONS) {
      cluster.addPartition();
      if (this.#isRecreated) {
        cluster.excuse(cluster.partitionCount - 1, RECREATED);
      }
    }
  }

  #lapse(): void {
    const { world, network, deployment } = this.#parts;
    this.#lapseUntil = world.now + LAPSE_MS;
    network.rates = NO_FAULTS;
    world.after(LAPSE_MS, () => {
      this.#lapses += 1;
      network.rates = this.#isStopped ? NO_FAULTS : deployment.rules.rates;
    });
    world.log("world", "nothing but ticks for forty minutes");
  }

  #transact(partition: number): void {
    const { world, cluster } = this.#parts;
    const count = 1 + world.integer(MAX_BATCH);
    const open = world.pick(cluster.openTransactions);
    const producerId = BigInt(100 + world.integer(PRODUCERS));
    const isBusy = cluster.openTransactions.some(
      (one) => one.partition === partition && one.transaction.producerId === producerId,
    );
    if (open !== undefined && world.chance(0.6)) {
      cluster.end(open, world.choose("committed", "aborted"));
    } else if (open !== undefined && (isBusy || world.chance(0.3))) {
      cluster.continue(open, count);
    } else if (!isBusy) {
      cluster.begin(partition, count, producerId);
    }
  }

  #deleteRecords(partition: number): void {
    const { world, cluster, deployment, ranges } = this.#parts;
    const { topicId, beginningOffset } = cluster.partition(partition);
    const end = cluster.endOffset(partition, "read_committed");
    const checkpoint = ranges.checkpoint(topicId, partition) ?? 0n;
    const below = world.chance(0.7) && checkpoint < end ? checkpoint : end;
    if (below > beginningOffset) {
      const to = beginningOffset + BigInt(world.integer(Number(below - beginningOffset) + 1));
      if (to > checkpoint && deployment.rules.onDataLoss === "fail") {
        cluster.excuse(partition, "records were deleted");
      }
      cluster.deleteBelow(partition, to);
    }
  }

  #truncate(partition: number): void {
    const { world, cluster } = this.#parts;
    const { stored, beginningOffset } = cluster.partition(partition);
    const bases = stored.filter(
      ({ offset, batch }) => offset >= beginningOffset && stored[Number(offset) - 1]?.batch !== batch,
    );
    const from = world.pick(bases.slice(-8));
    if (from !== undefined) {
      cluster.excuse(partition, "the log was truncated");
      cluster.truncate(partition, from.offset);
    }
  }

  /** Often in the middle of a run, which sleeps over it. */
  #recreate(): void {
    const { world, network, deployment } = this.#parts;
    if (world.chance(0.5)) {
      this.#replaceTopic();
      return;
    }
    void deployment.schedule({ kind: "tick" });
    world.after(world.interval(RUN_MS), () => {
      if (!this.#isStopped) {
        for (const actor of deployment.running.filter(({ kind }) => kind === "scheduler")) {
          network.freeze(actor, "over a re-creation");
        }
        this.#replaceTopic();
        this.#fill();
      }
    });
  }

  /** Whoever creates a topic again writes what stood there again. */
  #fill(): void {
    const { world, cluster } = this.#parts;
    for (let partition = 0; partition < cluster.partitionCount; partition += 1) {
      cluster.append(partition, 1 + world.integer(MAX_REPLAYED));
    }
  }

  #replaceTopic(): void {
    const { cluster, deployment } = this.#parts;
    const excuseAll = () => {
      for (let partition = 0; partition < cluster.partitionCount; partition += 1) {
        cluster.excuse(partition, RECREATED);
      }
    };
    excuseAll();
    cluster.recreate();
    if (deployment.rules.onTopicRecreated === "fail") {
      excuseAll();
      this.#isRecreated = true;
    }
  }

  #brownout(): void {
    const { world, network } = this.#parts;
    const before = network.rates;
    if (before.throttle < 0.5) {
      network.rates = { ...before, throttle: BROWNOUT };
      world.log("world", "everything is throttled");
      world.after(world.integer(MAX_BROWNOUT_MS), () => {
        network.rates = network.rates.throttle === BROWNOUT ? before : network.rates;
      });
    }
  }

  #stepClock(): void {
    const { world, deployment } = this.#parts;
    const actor = world.pick(deployment.running);
    if (actor !== undefined) {
      actor.skewMs = Math.round((2 * world.random() - 1) * deployment.rules.maxSkewMs);
      world.log(actor.name, `has a clock that is ${actor.skewMs} ms ahead`);
    }
  }

  #reprocess(partition: number): void {
    const { world, cluster, deployment } = this.#parts;
    const { beginningOffset } = cluster.partition(partition);
    const end = cluster.endOffset(partition, "read_committed");
    const length = Number(end - beginningOffset);
    if (length === 0) {
      return;
    }
    const fromOffset = beginningOffset + BigInt(world.integer(length));
    const untilOffset = fromOffset + BigInt(1 + world.integer(Number(end - fromOffset)));
    this.#requests = Math.min(this.#requests + 1, MAX_REQUESTS);
    // What the table has forgotten may be asked for anew: that would be another request.
    const requestId = `again-${this.#lapses}-${1 + world.integer(this.#requests)}`;
    const range = { topic: TOPIC, partition, fromOffset, untilOffset };
    const reprocess = {
      requestId,
      fingerprint: formatOffsetRange(range),
      target: { kind: "ranges", ranges: [range] },
      // In a few pieces, one of which is planned by a run.
      split: { maxRecordsPerRange: (recordCount(range) + 3n) / BigInt(1 + world.integer(4)) },
      pacing: { maxConcurrentRanges: 1 + world.integer(3), isOrdered: world.chance(0.7) },
      isDryRun: false,
    } as const;
    void deployment.schedule({ kind: "reprocess", reprocess });
  }
}

/** All that is left of a range, its first part, or a record in its middle: as its offsets come, so that no draw is spent. */
function howToSkip({ partition, fromOffset, committedOffset, untilOffset }: RangeView): OperatorAct {
  const offset = (committedOffset + untilOffset) / 2n;
  const parts = ["skipUntil", "skipRecord", "skipUntil", "skip"] as const;
  const verbs = offset > committedOffset ? parts : (["skip", "skipRecord"] as const);
  const verb = verbs[Number((fromOffset + committedOffset + untilOffset) % BigInt(verbs.length))] ?? "skip";
  return verb === "skip" ? { verb, partition, fromOffset } : { verb, partition, fromOffset, offset };
}
