// npm start: the whole path on real parts, and the proof at its end.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { parseCount, parseEndpointUrl, parseServers } from "../../functions/cli/options/option-values.ts";
import { exitCodeOf } from "../../functions/cli/output/exit-codes.ts";
import { checkRequirements, MissingRequirementError } from "../../functions/local/process/requirements.ts";
import { checkServers } from "../../functions/local/run/check-servers.ts";
import { catchInterrupts } from "../../functions/local/run/interrupts.ts";
import { BatchProcessorError } from "../../shared/core/errors.ts";
import { type DemoOptions, runDemo } from "./demo/demo-run.ts";

interface Arguments {
  readonly batches: number;
  readonly intervalSeconds: number;
  readonly recordsPerSecond: number;
  readonly bootstrapServers?: readonly string[];
  readonly awsEndpoint?: string;
}

/** A run of weeks, and more than one producer makes. */
const MOST = { max: 1_000_000 };

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const { bootstrapServers, awsEndpoint, ...options } = parseArguments();
    const own = {
      ...(bootstrapServers === undefined ? {} : { bootstrapServers: bootstrapServers.join(",") }),
      ...(awsEndpoint === undefined ? {} : { awsEndpoint }),
    };
    checkRequirements([
      ...(bootstrapServers === undefined ? (["java", "maven"] as const) : []),
      ...(awsEndpoint === undefined ? (["python"] as const) : []),
    ]);
    await checkServers(own);
    return (await run({ ...own, ...options })) ? 0 : 1;
  } catch (error) {
    const isExpected = error instanceof MissingRequirementError || error instanceof BatchProcessorError;
    const shown = isExpected ? error.message : error instanceof Error ? error.stack : String(error);
    process.stderr.write(`npm start: ${shown}\n`);
    return exitCodeOf(error);
  }
}

function parseArguments(): Arguments {
  return new Command("npm start --")
    .description(
      "Shows offset ranges flowing from a real Kafka through the deployed Lambda functions into the ledger, then proves that every word was counted once.",
    )
    .option("--batches <n>", "scheduler runs before the proof", parseCount("--batches", MOST), 10)
    .option("--interval-seconds <n>", "time between scheduler runs", parseCount("--interval-seconds", MOST), 3)
    .option("--records-per-second <n>", "produced while it runs", parseCount("--records-per-second", MOST), 100)
    .option("--bootstrap-servers <host:port,...>", "use this Kafka instead of starting one", parseServers)
    .option(
      "--aws-endpoint <url>",
      "use this LocalStack-compatible endpoint instead of starting MiniStack",
      parseEndpointUrl("--aws-endpoint"),
    )
    .parse()
    .opts<Arguments>();
}

type RunOptions = Omit<DemoOptions, "folder" | "intervalMs" | "signal" | "output"> & Pick<Arguments, "intervalSeconds">;

async function run({ intervalSeconds, ...options }: RunOptions): Promise<boolean> {
  let folder: string | undefined;
  const { stopping, ended } = catchInterrupts(() => folder);
  // Outside of the project: MiniStack's workers would take its package.json for their own.
  folder = await mkdtemp(join(tmpdir(), "kafka-offset-ranges-"));
  const { stdout } = process;
  const output = {
    isTTY: stdout.isTTY,
    get columns() {
      return stdout.columns;
    },
    get rows() {
      return stdout.rows;
    },
    write: (text: string) => ended.aborted || stdout.write(text),
  };
  return runDemo({ ...options, folder, intervalMs: intervalSeconds * 1_000, signal: stopping, output });
}
