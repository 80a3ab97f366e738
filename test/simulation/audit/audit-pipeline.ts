import { decodeIntervals } from "../../../shared/dynamodb/items/partition-codec.ts";
import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import type { Item } from "../table/expressions.ts";
import type { World } from "../world/world.ts";
import type { RangeView } from "./range-view.ts";

type Scope = Pick<RangeView, "topicId" | "partition">;

/** What the pipeline's record says that its ranges are held against: where it began, and what is paused since when. */
export class PipelineAudit {
  readonly #world: World;
  readonly #cluster: SimulatedCluster;
  /** By topic id and partition; the whole pipeline is "all". */
  readonly #pausedSince = new Map<string, number>();
  readonly #first = new Set<string>();
  #started: ReadonlySet<string> = new Set();
  /** Of the topic that the pipeline began with. */
  firstTopicId = "";

  constructor(world: World, cluster: SimulatedCluster) {
    this.#world = world;
    this.#cluster = cluster;
    this.#noteFirst();
  }

  /** A write of the pipeline's record. */
  note(before: Item | undefined, after: Item | undefined): void {
    if (before === undefined) {
      // Partitions that were added since belong to the pipeline's first ones, or are late: nobody can tell.
      this.#noteFirst();
      this.#noteNamed(after);
    }
    this.#started = new Set((after?.["topics"]?.L ?? []).flatMap(({ M }) => M?.["topicId"]?.S ?? []));
    const paused = (after?.["pauses"]?.L ?? []).map(({ M }) =>
      M?.["topicId"]?.S === undefined ? "all" : `${M["topicId"].S}-${M["partition"]?.N}`,
    );
    for (const scope of [...this.#pausedSince.keys()].filter((one) => !paused.includes(one))) {
      this.#pausedSince.delete(scope);
    }
    for (const scope of paused) {
      this.#pausedSince.set(scope, this.#pausedSince.get(scope) ?? this.#world.now);
    }
  }

  /** Whether the record counts the topic as begun. */
  isStarted(topicId: string): boolean {
    return this.#started.has(topicId);
  }

  isPausedSince(scope: Scope, moment: number): boolean {
    const since = ["all", nameOf(scope)].map((one) => this.#pausedSince.get(one) ?? Number.POSITIVE_INFINITY);
    return Math.min(...since) < moment;
  }

  /** Whether the partition may start where the pipeline is told to; others start at their log's beginning. */
  isFirst(scope: Scope): boolean {
    return this.#first.has(nameOf(scope));
  }

  /** What the first run saw: the topic may have been re-created since. */
  #noteNamed(after: Item | undefined): void {
    for (const { M } of [...(after?.["topics"]?.L ?? []), ...(after?.["starting"]?.L ?? [])]) {
      const topicId = M?.["topicId"]?.S ?? "";
      this.firstTopicId = topicId;
      for (const partition of decodeIntervals(M?.["partitions"]?.S ?? "")) {
        this.#first.add(nameOf({ topicId, partition }));
      }
    }
  }

  #noteFirst(): void {
    this.firstTopicId = this.#cluster.partition(0).topicId;
    for (let partition = 0; partition < this.#cluster.partitionCount; partition += 1) {
      this.#first.add(nameOf({ topicId: this.#cluster.partition(partition).topicId, partition }));
    }
  }
}

function nameOf({ topicId, partition }: Scope): string {
  return `${topicId}-${partition}`;
}
