import { showStatus } from "../commands/show-status.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import { type KafkaArguments, type LedgerArguments, namesKafka } from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface StatusArguments extends KafkaArguments, LedgerArguments {}

export async function runStatus(options: StatusArguments, terminal: Terminal): Promise<ExitCode> {
  const now = () => Date.now();
  const { table, endpointUrl } = options;
  const deps = { ledger: ledgerOf(options), terminal, now, place: { table, endpointUrl } };
  const shown = { pipeline: options.pipeline, json: options.json === true };
  if (!namesKafka(options)) {
    await showStatus(deps, shown);
  } else {
    const { kafkaAccessOf } = await import("../options/kafka-access.ts");
    const { usingKafka } = await import("./using-kafka.ts");
    const access = await kafkaAccessOf(options, (line) => terminal.note(line));
    await usingKafka(access, options, (kafka) => showStatus({ ...deps, lag: { ...kafka, now } }, shown));
  }
  return EXIT.done;
}
