// npm run bench:reader: our reader against other clients, on the same logs in one run.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { checkRequirements } from "../../functions/local/process/requirements.ts";
import { BENCH_CASES, type BenchCase } from "./reading/bench-cases.ts";
import { BenchStack } from "./reading/bench-stack.ts";
import { countRequestsToFirstRecord } from "./reading/first-record.ts";
import { type CaseReport, runCase } from "./reading/run-case.ts";
import { renderCase, renderTargets } from "./render-report.ts";
import { judgeTargets } from "./targets.ts";

interface Arguments {
  readonly only?: string[];
  readonly records?: string;
  readonly rounds: string;
  readonly quick?: true;
  readonly json?: string;
}

const QUICK_SHARE = 0.2;
const QUICK_ROUNDS = 3;

const names = BENCH_CASES.map(({ name }) => name);
const program = new Command("npm run bench:reader --")
  .description(
    "Reads the same logs of a local Kafka with our reader, kafkajs, @platformatic/kafka, the warm Java client and a bare socket, by turns, and prints what each took. Exits with 1 when one of ours or Java's reads something else than was written; a target that is not met is told, not failed.",
  )
  .option("--only <case...>", `some of: ${names.join(", ")}`)
  .option("--records <n>", "per case, in place of each case's own number")
  .option("--rounds <n>", "measured rounds per case", "5")
  .option("--quick", "a fifth of the records and fewer rounds")
  .option("--json <file>", "write the measurements there too")
  .parse();

const options = program.opts<Arguments>();
const rounds = options.quick ? QUICK_ROUNDS : wholeNumber("--rounds", options.rounds);
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;

checkRequirements(["java", "maven"]);
const folder = await mkdtemp(join(tmpdir(), "bench-reader-"));
process.stdout.write(`${machine}; logs in ${folder}\n\n`);
const stack = await BenchStack.start(folder);
let isWhole = false;
try {
  const reports: CaseReport[] = [];
  let roundTrips: number | undefined;
  for (const benchCase of chosenCases()) {
    const { report, log } = await runCase(stack, benchCase, rounds);
    process.stdout.write(`${renderCase(report)}\n`);
    reports.push(report);
    roundTrips ??= benchCase.isTls ? undefined : await countRequestsToFirstRecord(log.task);
  }
  const targets = judgeTargets(reports, roundTrips);
  process.stdout.write(renderTargets(targets));
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify({ machine, rounds, reports, targets }, undefined, 2)}\n`);
  }
  isWhole = true;
} finally {
  await stack.close();
  // The logs of a run that failed are left to look at.
  await rm(isWhole ? folder : join(folder, "kafka", "data"), { recursive: true, force: true });
}

function chosenCases(): readonly BenchCase[] {
  const only = options.only ?? names;
  for (const name of only) {
    if (!names.includes(name)) {
      throw new RangeError(`--only ${name} is not one of ${names.join(", ")}`);
    }
  }
  const records = options.records === undefined ? undefined : wholeNumber("--records", options.records);
  const share = options.quick ? QUICK_SHARE : 1;
  return BENCH_CASES.filter(({ name }) => only.includes(name)).map((benchCase) => ({
    ...benchCase,
    records: records ?? benchCase.records * share,
  }));
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${option} ${JSON.stringify(text)} is not a whole number of at least 1`);
  }
  return value;
}
