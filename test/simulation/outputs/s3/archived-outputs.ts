// Archived outputs
//
// The S3 archive over the simulated S3, and what is in its objects.

import { jsonLines } from "../../../../shared/archive/lines/line-formats.ts";
import { createArchive } from "../../../../shared/archive/s3-archive.ts";
import type { RangeOutput } from "../../../../shared/core/output/range-output.ts";
import type { StoredContent } from "../../../support/s3/object-store.ts";
import type { Network } from "../../world/network.ts";
import type { Actor, World } from "../../world/world.ts";
import type { AnyOutput, OutputRow, SimulatedOutput } from "../simulated-output.ts";
import { SimulatedS3 } from "./simulated-s3.ts";

const PREFIX = "archive";
/** An object per minute, so that a commit makes several of them. */
const LAYOUT = "{topicId}/{partition}/{hour}-{minute}/{from}-{last}";
const KEY = /^archive(?:-reprocessed\/request=([^/]+))?\/([0-9a-f-]{36})\/(\d+)\/\d\d-\d\d\/\d+-\d+\.jsonl$/;

export function createArchivedOutputs(world: World, network: Network): SimulatedOutput {
  const s3 = new SimulatedS3(world, network);
  const read = new WeakMap<StoredContent, readonly OutputRow[]>();
  const rowsOf = ([key, content]: readonly [string, StoredContent]) => {
    const rows = read.get(content) ?? rowsIn(key, content.bytes);
    read.set(content, rows);
    return rows;
  };
  return {
    styles: ["return", "commitRecords", "commitBatches", "commitSome", "writeEach", "forEach", "writeAll"],
    // A record is kept as it is.
    outputOf: (_, record) => record,
    openFor: (actor: Actor) =>
      createArchive(
        {
          bucket: "archive",
          prefix: PREFIX,
          layout: LAYOUT,
          format: jsonLines({
            compression: "none",
            line: ({ offset, value }) => ({ offset: String(offset), value: String(value) }),
          }),
        },
        () => s3.accessOf(actor),
      ) as RangeOutput<AnyOutput>,
    rows: () => [...s3.store.objects].flatMap(rowsOf),
    proving: async (actor) => ({
      archives: { access: async () => s3.accessOf(actor), endpointUrl: undefined, isDeep: true },
      positions: [],
    }),
    heal: () => s3.heal(),
  };
}

/** Throws for a key or a line that the archive has not written. */
function rowsIn(key: string, content: Buffer): readonly OutputRow[] {
  const [, requestId, topicId, partition] = KEY.exec(key) ?? [];
  if (topicId === undefined) {
    throw new Error(`${key} is no key of the archive`);
  }
  const chain = `${requestId ?? "live"} ${topicId}-${Number(partition)}`;
  const lines = content.toString().split("\n").slice(0, -1);
  return lines.map((line) => {
    // As the format above has written it.
    const { offset, value } = JSON.parse(line) as { readonly offset: string; readonly value: string };
    return { chain, offset: BigInt(offset), value };
  });
}
