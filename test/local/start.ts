// npm start: the whole path on real parts, and the proof at its end.

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type DemoOptions, runDemo } from "./demo/demo-run.ts";
import { checkRequirements, MissingRequirementError } from "./process/requirements.ts";

interface Arguments {
  readonly batches: string;
  readonly intervalSeconds: string;
  readonly recordsPerSecond: string;
  readonly bootstrapServers?: string;
  readonly awsEndpoint?: string;
}

/** What a shell reports for a process that Ctrl-C ended. */
const EXIT_INTERRUPTED = 130;

process.exitCode = await main();

async function main(): Promise<number> {
  const program = new Command("npm start --")
    .description(
      "Shows offset ranges flowing from a real Kafka through the deployed Lambda functions into the ledger, then proves that every word was counted once.",
    )
    .option("--batches <n>", "scheduler runs before the proof", "10")
    .option("--interval-seconds <n>", "time between scheduler runs", "3")
    .option("--records-per-second <n>", "produced while it runs", "100")
    .option("--bootstrap-servers <host:port,...>", "use this Kafka instead of starting one")
    .option("--aws-endpoint <url>", "use this LocalStack-compatible endpoint instead of starting MiniStack")
    .parse();
  const options = program.opts<Arguments>();
  const { bootstrapServers, awsEndpoint } = options;
  try {
    checkRequirements([
      ...(bootstrapServers === undefined ? (["java", "maven"] as const) : []),
      ...(awsEndpoint === undefined ? (["python"] as const) : []),
    ]);
    return (await runDemo(await demoOptions(options))) ? 0 : 1;
  } catch (error) {
    const isExpected = error instanceof MissingRequirementError || error instanceof RangeError;
    process.stderr.write(`${isExpected ? error.message : error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

async function demoOptions(options: Arguments): Promise<DemoOptions> {
  const { bootstrapServers, awsEndpoint } = options;
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    // The second one ends the process at once; its servers end with it.
    process.once(signal, () => {
      stopping.abort();
      process.once(signal, () => process.exit(EXIT_INTERRUPTED));
    });
  }
  return {
    // Outside of the project: MiniStack's workers would take its package.json for their own.
    folder: await mkdtemp(join(tmpdir(), "kafka-offset-ranges-")),
    batches: wholeNumber("--batches", options.batches),
    intervalMs: wholeNumber("--interval-seconds", options.intervalSeconds) * 1_000,
    recordsPerSecond: wholeNumber("--records-per-second", options.recordsPerSecond),
    signal: stopping.signal,
    output: process.stdout,
    ...(bootstrapServers === undefined ? {} : { bootstrapServers }),
    ...(awsEndpoint === undefined ? {} : { awsEndpoint }),
  };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${option} ${JSON.stringify(text)} is not a whole number of at least 1`);
  }
  return value;
}
