import type { Network } from "../world/network.ts";
import type { World } from "../world/world.ts";
import type { OutputKind } from "./output-kind.ts";
import { createPostedOutputs } from "./postgres/posted-outputs.ts";
import { createArchivedOutputs } from "./s3/archived-outputs.ts";
import type { SimulatedOutput } from "./simulated-output.ts";

interface OutputParts {
  readonly world: World;
  readonly network: Network;
}

/** Undefined where outputs go into the ledger's own transactions. */
export function createOutput(kind: OutputKind, { world, network }: OutputParts): SimulatedOutput | undefined {
  switch (kind) {
    case "dynamodb":
      return undefined;
    case "s3":
      return createArchivedOutputs(world, network);
    case "postgres":
      return createPostedOutputs(world, network);
  }
}
