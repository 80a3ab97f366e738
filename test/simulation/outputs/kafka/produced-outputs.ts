// Produced outputs
//
// The production output over the simulated brokers, and what a reader of its topic is given.

import { openKafkaPositions } from "../../../../functions/cli/outputs/kafka-positions.ts";
import type { RangeOutput } from "../../../../shared/core/output/range-output.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaRangeOutput } from "../../../../shared/kafka/output/range-output.ts";
import { BOOTSTRAP_SERVERS, SimulatedBrokers } from "../../cluster/simulated-brokers.ts";
import type { SimulatedCluster } from "../../cluster/simulated-cluster.ts";
import type { Network } from "../../world/network.ts";
import type { Actor, World } from "../../world/world.ts";
import type { AnyOutput, CommittedOutputs, SimulatedOutput } from "../simulated-output.ts";
import { TARGET } from "./target-log.ts";
import { positionName, TransactionalBrokers } from "./transactional-brokers.ts";

interface OutputsParts {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
}

/** Of the runs: positions are kept beside the topic that is written to, as in another cluster. */
const ELSEWHERE = 0.5;
const KEYED = 0.5;
const SHORT_TIMEOUT_MS = 4_000;

export function createProducedOutputs({ world, network, cluster }: OutputsParts): SimulatedOutput {
  let onCommit: (committed: CommittedOutputs) => void = () => {};
  /** As they are decided: the group takes them in later. */
  const positions = new Map<string, bigint>();
  const asked = new TransactionalBrokers({
    world,
    network,
    cluster,
    onCommit: ({ transactionalId, producerId }, places) => {
      const partitions = [...places].filter((place) => typeof place === "number");
      const groups = [...places].filter((place) => typeof place === "string");
      const moves = groups.flatMap((groupId) =>
        asked.groups.pendingOf(groupId, producerId).map((one) => {
          const name = positionName(groupId, one);
          const from = positions.get(name);
          positions.set(name, one.offset);
          return { name, from, to: one.offset };
        }),
      );
      onCommit({ by: transactionalId, rows: asked.target.openRows(producerId, partitions), moves });
    },
  });
  const brokers = new SimulatedBrokers(world, network, cluster, asked);
  const [isElsewhere, isKeyed] = [world.chance(ELSEWHERE), world.chance(KEYED)];
  const timeout = world.chance(0.3) ? { transactionTimeoutMs: SHORT_TIMEOUT_MS } : {};
  const connectionOf = (actor: Actor): KafkaOptions => ({
    clientId: actor.name,
    bootstrapServers: BOOTSTRAP_SERVERS,
    connect: brokers.connectorOf(actor),
  });
  return {
    styles: ["return", "commitRecords", "commitBatches", "commitSome", "writeEach", "forEach"],
    outputOf: ({ topicId, partition, requestId }, { offset, value }) => {
      const chain = `${requestId ?? "live"} ${topicId}-${partition}`;
      const headers = [
        { key: "chain", value: chain },
        { key: "offset", value: offset.toString() },
      ];
      return { key: isKeyed ? chain : null, value, headers };
    },
    openFor: (actor) =>
      createKafkaRangeOutput({
        ...{ topic: TARGET, isElsewhere, connection: () => connectionOf(actor) },
        ...timeout,
      }) as RangeOutput<AnyOutput>,
    rows: () => asked.target.decidedRows((producerId, partition) => asked.isDecided(producerId, partition)).flat(),
    proving: async (actor) => ({
      positions: [openKafkaPositions(connectionOf(actor), isElsewhere ? TARGET : undefined, () => world.now)],
    }),
    heal: () => asked.heal(),
    audited: {
      watch: (watcher) => {
        onCommit = watcher;
      },
      read: () => asked.target.readCommitted(),
    },
  };
}
