import { ConfigurationError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { showStatus } from "../commands/show-status.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import { type KafkaArguments, type LedgerArguments, namesKafka } from "../options/options.ts";
import { EXIT, type ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface StatusArguments extends KafkaArguments, LedgerArguments {
  readonly group?: string;
}

export async function runStatus(options: StatusArguments, terminal: Terminal): Promise<ExitCode> {
  const now = () => Date.now();
  const { table, endpointUrl } = options;
  const deps = { ledger: ledgerOf(options), terminal, now, place: { table, endpointUrl } };
  const shown = { pipeline: options.pipeline, json: options.json === true };
  const { group: groupId } = options;
  if (!namesKafka(options)) {
    if (groupId !== undefined) {
      throw new ConfigurationError("--group is asked of Kafka: give --bootstrap-servers or --command-config as well");
    }
    await showStatus(deps, shown);
  } else {
    const { kafkaAccessOf } = await import("../options/kafka-access.ts");
    const { usingKafka } = await import("./using-kafka.ts");
    const access = await kafkaAccessOf(options, (line) => terminal.note(line));
    await usingKafka(access, options, (kafka) =>
      showStatus({ ...deps, lag: { ...kafka, now, ...omitUndefined({ groupId }) } }, shown),
    );
  }
  return EXIT.done;
}
