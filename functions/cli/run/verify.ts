import { verifyLedger } from "../commands/verify-ledger.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import { type ConnectionArguments, type LedgerArguments, namesKafka } from "../options/options.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";

export interface VerifyArguments extends ConnectionArguments, LedgerArguments {
  readonly stuckAfter: number;
  readonly strict?: true;
}

export async function runVerify(options: VerifyArguments, terminal: Terminal): Promise<ExitCode> {
  const { pipeline, json = false, strict = false } = options;
  const now = () => Date.now();
  const deps = { ledger: ledgerOf(options), terminal, now, stuckAfterMs: options.stuckAfter * 60_000 };
  if (!namesKafka(options)) {
    return verifyLedger(deps, { pipeline, json, strict });
  }
  const { createKafkaOffsetSource } = await import("../../../shared/kafka/offsets/offset-source.ts");
  const { kafkaAccessOf } = await import("../options/kafka-access.ts");
  const access = await kafkaAccessOf(options, (line) => terminal.note(line));
  const source = createKafkaOffsetSource(access.options);
  try {
    return await verifyLedger({ ...deps, log: { source } }, { pipeline, json, strict });
  } finally {
    await source.close();
  }
}
