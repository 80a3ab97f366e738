import { describeTransactions } from "../../../support/kafka-output/transactions-contract.ts";
import { BOOTSTRAP_SERVERS, SimulatedBrokers } from "../../cluster/simulated-brokers.ts";
import { SimulatedCluster } from "../../cluster/simulated-cluster.ts";
import { Network, NO_FAULTS } from "../../world/network.ts";
import { installWorld } from "../../world/virtual-globals.ts";
import { World } from "../../world/world.ts";
import { TARGET } from "./target-log.ts";
import { TransactionalBrokers } from "./transactional-brokers.ts";

const LIFE_MS = 600_000;
/** With and without verification, early and late epochs, and groups of either kind. */
const SEEDS = [1, 2, 3, 4, 5, 6];

for (const seed of SEEDS) {
  describeTransactions(`the simulated brokers of seed ${seed}`, async () => {
    const world = new World(seed);
    const network = new Network(world, NO_FAULTS);
    const cluster = new SimulatedCluster(world, { partitions: 1, poison: 0 });
    const asked = new TransactionalBrokers({ world, network, cluster, onCommit: () => {} });
    asked.heal();
    const actor = world.newActor("processor", { skewMs: 0, lifeMs: LIFE_MS });
    const connect = new SimulatedBrokers(world, network, cluster, asked).connectorOf(actor);
    return {
      options: { clientId: "tests", bootstrapServers: BOOTSTRAP_SERVERS, connect },
      topic: TARGET,
      verifies: asked.verifies,
      countCommitted: async () => {
        await world.pause(LIFE_MS, actor);
        return asked.target.readCommitted().length;
      },
      run: (script) => runIn(world, script),
    };
  });
}

async function runIn(world: World, script: () => Promise<void>): Promise<void> {
  const restore = installWorld(world);
  let isOver = false;
  const done = script().finally(() => {
    isOver = true;
  });
  try {
    while (!isOver) {
      await world.step();
    }
    await done;
  } finally {
    restore();
  }
}
