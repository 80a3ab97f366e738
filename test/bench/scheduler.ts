// npm run bench:scheduler: what one run of the scheduler costs, by number of partitions.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { renderGrowth, renderRuns } from "./reading/render-runs.ts";
import { type CaseReport, runSchedulerCase } from "./scheduling/run-scheduler-case.ts";
import { judgeSchedulerTargets } from "./scheduling/scheduler-targets.ts";
import { wholeNumber } from "./whole-number.ts";

const DEFAULT_PARTITIONS = [100, 1_000, 10_000];

interface Arguments {
  readonly partitions?: readonly number[];
  readonly rounds: number;
  readonly json?: string;
}

const program = new Command("npm run bench:scheduler --")
  .description(
    "Times single runs of the scheduler: metadata and end offsets from 3 scripted brokers on real sockets, the newest range of every partition, plan, dispatch. The ledger is in memory and takes 5 ms per call, the dispatcher 10 ms; everything else is production's. Exits with 1 when a run does something else than it should; a target that is not met is told, not failed.",
  )
  .option("--partitions <n>", `repeatable, instead of ${DEFAULT_PARTITIONS.join(", ")}`, collect)
  .option("--rounds <n>", "measured rounds per state", wholeNumber, 3)
  .option("--json <file>", "write the measurements there too")
  .parse();

const options = program.opts<Arguments>();
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;
const folder = await mkdtemp(join(tmpdir(), "bench-scheduler-"));
process.stdout.write(`${machine}; median of ${options.rounds} rounds\n\n`);
const reports: CaseReport[] = [];
for (const partitions of options.partitions ?? DEFAULT_PARTITIONS) {
  reports.push(await runSchedulerCase(partitions, { rounds: options.rounds, folder }));
}
const targets = judgeSchedulerTargets(reports);
process.stdout.write(`${renderRuns(reports)}\n${renderGrowth(reports)}\n`);
for (const { promise, measured, isMet } of targets) {
  process.stdout.write(`${promise}: ${isMet ? "met" : "falls short"}: ${measured}\n`);
}
if (options.json !== undefined) {
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, rounds: options.rounds, reports, targets }, undefined, 2)}\n`,
  );
}
await rm(folder, { recursive: true, force: true });

function collect(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, wholeNumber(text)];
}
