// Verify outputs: what the values of --outputs come to. Code for a store is loaded where it is named.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import { S3 } from "../../aws-access.ts";
import type { KafkaAccess } from "../options/kafka-access.ts";
import type { LedgerArguments } from "../options/options.ts";
import type { Terminal } from "../output/terminal.ts";
import type { OutputPlace } from "../outputs/output-place.ts";
import type { OutputProof } from "../outputs/output-proof.ts";
import { proveOutputs } from "../outputs/prove-outputs.ts";
import type { PositionStore } from "../outputs/verify-positions.ts";

export interface NamedOutputs extends Pick<LedgerArguments, "pipeline" | "endpointUrl"> {
  readonly outputs: readonly OutputPlace[];
  readonly isDeep: boolean;
}

export interface NamedOutputDeps {
  readonly ledger: RangeLedger<never>;
  readonly terminal: Terminal;
  readonly now: () => number;
  readonly kafka: KafkaAccess | undefined;
}

/** --endpoint-url is DynamoDB's first of all. */
export function archiveEndpoint({ endpointUrl }: { readonly endpointUrl?: string | undefined }): string | undefined {
  return process.env["AWS_ENDPOINT_URL_S3"] || endpointUrl;
}

export async function proveNamedOutputs(
  { outputs, isDeep, pipeline, endpointUrl }: NamedOutputs,
  deps: NamedOutputDeps,
): Promise<readonly OutputProof[]> {
  const positions: PositionStore[] = [];
  try {
    for (const place of outputs) {
      const store = await openPositions(place, deps);
      positions.push(...(store === undefined ? [] : [store]));
    }
    const ofS3 = archiveEndpoint({ endpointUrl });
    const access = async () => (await import("../options/signed-access.ts")).signedAccess(S3, { endpointUrl: ofS3 });
    const isArchived = outputs.some(({ kind }) => kind === "s3");
    const archives = isArchived ? { archives: { access, endpointUrl: ofS3, isDeep } } : {};
    return await proveOutputs({ ...deps, positions, ...archives }, pipeline);
  } finally {
    await Promise.all(positions.map((store) => store.close()));
  }
}

async function openPositions(place: OutputPlace, { kafka, now }: NamedOutputDeps): Promise<PositionStore | undefined> {
  if (place.kind === "postgres") {
    const { openPostgresPositions } = await import("../outputs/postgres-positions.ts");
    return openPostgresPositions(place.url, process.env["PGPASSWORD"]);
  }
  if (place.kind === "kafka" && kafka !== undefined) {
    const { openKafkaPositions } = await import("../outputs/kafka-positions.ts");
    return openKafkaPositions(kafka.options, place.topic, now);
  }
  return undefined;
}
