import { S3 } from "../../aws-access.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import type { LedgerArguments } from "../options/options.ts";
import { signedAccess } from "../options/signed-access.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import { openArchiveStore } from "../outputs/archive-store.ts";
import { writeManifests } from "../outputs/write-manifests.ts";
import { archiveEndpoint } from "./verify-outputs.ts";

export interface ManifestArguments extends LedgerArguments {
  readonly dryRun?: true;
}

export async function runManifests(options: ManifestArguments, terminal: Terminal): Promise<ExitCode> {
  const { pipeline, dryRun, json } = options;
  const endpointUrl = archiveEndpoint(options);
  const openBucket = async (name: string) =>
    openArchiveStore(await signedAccess(S3, { endpointUrl }), name, endpointUrl);
  const deps = { ledger: ledgerOf(options), terminal, now: () => Date.now(), openBucket };
  return writeManifests(deps, { pipeline, isDryRun: dryRun === true, json: json === true });
}
