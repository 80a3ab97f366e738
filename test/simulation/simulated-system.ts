import type { DatedLetter } from "../../functions/cli/letters/letter-fate.ts";
import type { OutputsAudit } from "./audit/audit-outputs.ts";
import type { PositionsAudit } from "./audit/audit-positions.ts";
import type { RangesAudit } from "./audit/audit-ranges.ts";
import type { SimulatedCluster } from "./cluster/simulated-cluster.ts";
import type { Deployment } from "./deployment.ts";
import type { SimulatedOutput } from "./outputs/simulated-output.ts";
import type { SimulatedDynamoDB } from "./table/simulated-dynamodb.ts";
import type { Network } from "./world/network.ts";
import type { Violation } from "./world/violation.ts";
import type { World } from "./world/world.ts";
import type { WorldEvents } from "./world-events.ts";

/** What a run of the simulation consists of. */
export interface Simulation {
  readonly world: World;
  readonly network: Network;
  readonly cluster: SimulatedCluster;
  readonly dynamodb: SimulatedDynamoDB;
  readonly deployment: Deployment;
  readonly ranges: RangesAudit;
  readonly outputs: OutputsAudit;
  /** Present where the store's transactions are audited. */
  readonly positions: PositionsAudit | undefined;
  /** Absent where outputs go into the ledger's own transactions. */
  readonly store: SimulatedOutput | undefined;
  /** As audit/range-view.ts names them. */
  readonly deadLetters: ReadonlyMap<string, readonly DatedLetter[]>;
  readonly events: WorldEvents;
  readonly violations: readonly Violation[];
}
