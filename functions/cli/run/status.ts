import { showStatus } from "../commands/show-status.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import type { KafkaArguments, LedgerArguments } from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface StatusArguments extends KafkaArguments, LedgerArguments {}

export async function runStatus(options: StatusArguments, terminal: Terminal): Promise<ExitCode> {
  const now = () => Date.now();
  const { isolationLevel, table, endpointUrl } = options;
  const deps = { ledger: ledgerOf(options), terminal, now, place: { table, endpointUrl } };
  const shown = { pipeline: options.pipeline, json: options.json === true };
  if (options.bootstrapServers === undefined) {
    await showStatus(deps, shown);
  } else {
    const { usingKafka } = await import("./using-kafka.ts");
    await usingKafka(terminal, options, (kafka) =>
      showStatus({ ...deps, lag: { ...kafka, isolationLevel, now } }, shown),
    );
  }
  return EXIT.done;
}
