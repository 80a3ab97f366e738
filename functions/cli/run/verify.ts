import { ConfigurationError } from "../../../shared/core/errors.ts";
import type { OffsetSource } from "../../../shared/core/source/offset-source.ts";
import { type VerifyDeps, verifyLedger } from "../commands/verify-ledger.ts";
import type { KafkaAccess } from "../options/kafka-access.ts";
import { ledgerOf } from "../options/ledger-access.ts";
import { type ConnectionArguments, type LedgerArguments, namesKafka } from "../options/options.ts";
import type { ExitCode } from "../output/exit-codes.ts";
import type { Terminal } from "../output/terminal.ts";
import type { OutputPlace } from "../outputs/output-place.ts";
import { proveNamedOutputs } from "./verify-outputs.ts";

export interface VerifyArguments extends ConnectionArguments, LedgerArguments {
  readonly stuckAfter: number;
  readonly strict?: true;
  readonly outputs?: readonly OutputPlace[];
  readonly deep?: true;
}

export async function runVerify(options: VerifyArguments, terminal: Terminal): Promise<ExitCode> {
  const { pipeline, json = false, strict = false, outputs, deep } = options;
  requireOutputs(options);
  const now = () => Date.now();
  const ledger = ledgerOf(options);
  const kafka = await kafkaOf(options, terminal);
  const proveOutputs =
    outputs === undefined
      ? {}
      : {
          proveOutputs: () =>
            proveNamedOutputs({ ...options, outputs, isDeep: deep === true }, { ledger, terminal, now, kafka }),
        };
  const deps = { ledger, terminal, now, stuckAfterMs: options.stuckAfter * 60_000, ...proveOutputs };
  // With a topic of the outputs' own cluster the brokers that are named are not the source's.
  const isElsewhere = outputs?.some((place) => place.kind === "kafka" && place.topic !== undefined) ?? false;
  return withLog(kafka === undefined || isElsewhere ? undefined : kafka, (log) =>
    verifyLedger({ ...deps, ...log }, { pipeline, json, strict }),
  );
}

function requireOutputs({ outputs = [], deep, ...options }: VerifyArguments): void {
  if (deep === true && !outputs.some(({ kind }) => kind === "s3")) {
    throw new ConfigurationError("--deep reads objects of archives: give --outputs s3 as well, or leave it out");
  }
  if (outputs.some(({ kind }) => kind === "kafka") && !namesKafka(options)) {
    throw new ConfigurationError(
      "--outputs kafka asks the brokers of the outputs: give --bootstrap-servers, or bootstrap.servers in the file of --command-config",
    );
  }
}

async function kafkaOf(options: VerifyArguments, terminal: Terminal): Promise<KafkaAccess | undefined> {
  if (!namesKafka(options)) {
    return undefined;
  }
  const { kafkaAccessOf } = await import("../options/kafka-access.ts");
  return kafkaAccessOf(options, (line) => terminal.note(line));
}

async function withLog<Result>(
  access: KafkaAccess | undefined,
  use: (log: Pick<VerifyDeps, "log">) => Promise<Result>,
): Promise<Result> {
  if (access === undefined) {
    return use({});
  }
  const { createKafkaOffsetSource } = await import("../../../shared/kafka/offsets/offset-source.ts");
  const source: OffsetSource & { close(): Promise<void> } = createKafkaOffsetSource(access.options);
  try {
    return await use({ log: { source } });
  } finally {
    await source.close();
  }
}
