import type { SimulatedCluster } from "../cluster/simulated-cluster.ts";
import type { Network } from "../world/network.ts";
import type { World } from "../world/world.ts";
import { createProducedOutputs } from "./kafka/produced-outputs.ts";
import type { OutputKind } from "./output-kind.ts";
import { createPostedOutputs } from "./postgres/posted-outputs.ts";
import { createArchivedOutputs } from "./s3/archived-outputs.ts";
import type { SimulatedOutput } from "./simulated-output.ts";

interface OutputParts {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
}

/** Undefined where outputs go into the ledger's own transactions. */
export function createOutput(kind: OutputKind, parts: OutputParts): SimulatedOutput | undefined {
  const { world, network } = parts;
  switch (kind) {
    case "dynamodb":
      return undefined;
    case "s3":
      return createArchivedOutputs(world, network);
    case "postgres":
      return createPostedOutputs(world, network);
    case "kafka":
      return createProducedOutputs(parts);
  }
}
