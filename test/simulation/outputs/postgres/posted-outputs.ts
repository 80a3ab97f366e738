// Outputs in PostgreSQL: the production output over the simulated database, and what is in its table.

import { openPostgresPositions } from "../../../../functions/cli/outputs/postgres-positions.ts";
import type { RangeOutput } from "../../../../shared/core/output/range-output.ts";
import { DEFAULT_TABLE } from "../../../../shared/postgres/output/position-table.ts";
import { createPostgresOutput } from "../../../../shared/postgres/output/postgres-output.ts";
import type { Network } from "../../world/network.ts";
import type { World } from "../../world/world.ts";
import type { AnyOutput, SimulatedOutput } from "../simulated-output.ts";
import { connectorOf } from "./postgres-client.ts";
import { SimulatedPostgres } from "./simulated-postgres.ts";

const SETTINGS = { host: "db.simulated", port: 5432, database: "db", user: "writer", ssl: false } as const;
const URL = "postgres://writer@db.simulated:5432/db?sslmode=disable";
const PIPELINED = 0.7;

export function createPostedOutputs(world: World, network: Network): SimulatedOutput {
  const server = new SimulatedPostgres();
  return {
    styles: ["return", "commitRecords", "commitBatches", "commitSome", "writeEach", "forEach"],
    // No key that would refuse the second one of two.
    outputOf: ({ topicId, partition, requestId }, { offset, value }) => ({
      text: "INSERT INTO orders (chain, record_offset, value) VALUES ($1, $2, $3)",
      values: [`${requestId ?? "live"} ${topicId}-${partition}`, offset.toString(), String(value)],
    }),
    openFor: (actor) =>
      createPostgresOutput(async () => SETTINGS, {
        pipelining: world.chance(PIPELINED),
        connect: connectorOf({ world, network, server, actor }),
      }) as RangeOutput<AnyOutput>,
    rows: () =>
      server.inserted("orders").map(({ chain, record_offset: offset, value }) => ({
        ...{ chain: String(chain), offset: BigInt(offset ?? 0), value: String(value) },
      })),
    reached: () =>
      server.kept(DEFAULT_TABLE).flatMap((row) => {
        // As output-progress.ts writes it.
        const [, rangeFrom] = String(row["progress"]).split(",");
        const { topic_id: topicId, partition, request_id: requestId, until_offset: untilOffset } = row;
        return requestId !== "" || rangeFrom === undefined || untilOffset === null
          ? []
          : [
              {
                chain: `live ${topicId}-${partition}`,
                rangeFrom: BigInt(rangeFrom),
                untilOffset: BigInt(untilOffset ?? 0),
              },
            ];
      }),
    proving: async (actor) => ({
      positions: [await openPostgresPositions(URL, undefined, connectorOf({ world, network, server, actor }))],
    }),
    heal: () => {},
  };
}
