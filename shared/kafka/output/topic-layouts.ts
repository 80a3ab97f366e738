// Topic layouts
//
// How many partitions the topics have that are written to, and who leads them: believed for
// a while, and looked up again when a broker says otherwise.

import { ConfigurationError, OutputUnavailableError } from "../../core/errors.ts";
import type { Broker } from "../../core/source/offset-source.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { TOPIC_AUTHORIZATION_FAILED } from "../groups/group-errors.ts";
import { MAX_MISSING_TOPIC_TRIES, TOPIC_LAYOUT_MS } from "../limits.ts";
import { brokerError } from "../protocol/error-codes.ts";
import { unwritableError } from "./transaction-errors.ts";

export interface TopicLayout {
  readonly partitionCount: number;
  /** By partition; absent where there is none at present. */
  readonly leaders: ReadonlyMap<number, Broker>;
}

interface Known {
  readonly layout: TopicLayout;
  readonly at: number;
}

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const MISSING_PAUSE_MS = 100;

export class TopicLayouts {
  readonly #cluster: Cluster;
  readonly #known = new Map<string, Known>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The next look asks anew. */
  forget(topic: string): void {
    this.#known.delete(topic);
  }

  /** Without asking; undefined where nothing is known, or what is known is old. */
  known(topic: string): TopicLayout | undefined {
    const known = this.#known.get(topic);
    return known !== undefined && performance.now() - known.at <= TOPIC_LAYOUT_MS ? known.layout : undefined;
  }

  /** Throws ConfigurationError where the topic does not exist, or may not be seen. */
  async of(topic: string, signal?: AbortSignal): Promise<TopicLayout> {
    const known = this.known(topic);
    if (known !== undefined) {
      return known;
    }
    for (let tries = 1; ; tries++) {
      const layout = await this.#lookUp(topic, signal);
      if (layout !== undefined) {
        this.#known.set(topic, { layout, at: performance.now() });
        return layout;
      }
      if (tries === MAX_MISSING_TOPIC_TRIES) {
        throw new ConfigurationError(
          `topic ${topic}, which outputs go to, does not exist; create it, or correct the topic in the pipeline's code`,
        );
      }
      // Brokers learn of a topic one by one.
      await new Promise((resolve) => setTimeout(resolve, MISSING_PAUSE_MS));
    }
  }

  async #lookUp(name: string, signal: AbortSignal | undefined): Promise<TopicLayout | undefined> {
    const { topics, brokers } = await this.#cluster.metadata([name], signal);
    const found = topics.find((topic) => topic.name === name);
    const code = found?.errorCode ?? UNKNOWN_TOPIC_OR_PARTITION;
    if (code === UNKNOWN_TOPIC_OR_PARTITION) {
      return undefined;
    }
    if (code === TOPIC_AUTHORIZATION_FAILED) {
      throw unwritableError(name);
    }
    if (found === undefined || code !== 0) {
      throw new OutputUnavailableError(`looking up topic ${name} failed: ${brokerError(code).name}`);
    }
    const byId = new Map(brokers.map((broker) => [broker.nodeId, broker]));
    const leaders = found.partitions.flatMap(({ partition, leaderId }) => {
      const leader = byId.get(leaderId);
      return leader === undefined ? [] : [[partition, leader] as const];
    });
    return { partitionCount: found.partitions.length, leaders: new Map(leaders) };
  }
}
