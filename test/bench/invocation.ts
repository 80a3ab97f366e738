// npm run bench:invocation: what the functions' calls of AWS cost, by client, and with them a whole run of the scheduler.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { type CallTargets, judgeCalls } from "./calling/call-targets.ts";
import { type CallResult, CLIENTS, type ClientName, OPERATIONS, type OperationName } from "./calling/calling.ts";
import { measureEmptyRanges } from "./invoking/measure-empty-ranges.ts";
import { median } from "./median.ts";
import { LineProcess } from "./reading/line-process.ts";
import { renderTargets } from "./render-report.ts";
import { runSchedulerCase } from "./scheduling/run-scheduler-case.ts";
import { wholeNumber } from "./whole-number.ts";

const IN_FLIGHT = 20;
const stubService = new URL("calling/stub-service.ts", import.meta.url);
const callProcess = new URL("calling/call-process.ts", import.meta.url);

interface Arguments {
  readonly calls: number;
  readonly partitions: number;
  readonly rounds: number;
  readonly ranges: number;
  readonly json?: string;
}

const { calls, partitions, rounds, ranges, json } = new Command("npm run bench:invocation --")
  .description(
    "Measures the CPU of the functions' calls of AWS by the client of their own and by the AWS SDK, against a service on this machine that answers at once, and with each a run of the scheduler that finds new records in every partition; and what a warm processor takes for a range without a visible record, on a real Kafka and DynamoDB Local. A target that is not met is told, not failed.",
  )
  .option("--calls <n>", "measured calls per operation and round", wholeNumber, 3_000)
  .option("--partitions <n>", "of the scheduler's run", wholeNumber, 10_000)
  .option("--rounds <n>", "of which the median counts", wholeNumber, 3)
  .option("--ranges <n>", "measured ranges without a visible record", wholeNumber, 500)
  .option("--json <file>", "write the measurements there too")
  .parse()
  .opts<Arguments>();

const folder = await mkdtemp(join(tmpdir(), "bench-invocation-"));
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${machine}; median of ${rounds} rounds\n\n`);
const stub = startProcess("AWS", stubService);
try {
  const { endpoint } = await stub.ask<{ readonly endpoint: string }>({});
  const measured = {
    calls: await measureCalls(endpoint),
    runs: await measureRuns(endpoint),
    emptyRange: await measureEmptyRange(),
  };
  const targets = judgeCalls(measured);
  process.stdout.write(`\n${renderTargets(targets)}`);
  if (json !== undefined) {
    await writeFile(json, `${JSON.stringify({ machine, rounds, ...measured, targets }, undefined, 2)}\n`);
  }
} finally {
  await stub.stop();
}
await rm(folder, { recursive: true, force: true });

function startProcess(name: string, program: URL, args: readonly string[] = []): LineProcess {
  return new LineProcess({
    name,
    command: process.execPath,
    args: [program.pathname, ...args],
    logFile: join(folder, `${name}.log`),
  });
}

/** Both clients in turn, so that what else the machine does is both's. */
async function measureCalls(endpoint: string): Promise<CallTargets["calls"]> {
  const callers = CLIENTS.map((client) => ({ client, process: startProcess(client, callProcess, [client, endpoint]) }));
  const results: CallTargets["calls"][number][] = [];
  try {
    for (const operation of OPERATIONS) {
      const first = await askAll(callers, { operation, calls: 1, concurrency: 1 });
      await askAll(callers, { operation, calls, concurrency: IN_FLIGHT });
      const warm: (typeof first)[] = [];
      for (let round = 0; round < rounds; round += 1) {
        warm.push(await askAll(callers, { operation, calls, concurrency: IN_FLIGHT }));
      }
      for (const [index, { client }] of callers.entries()) {
        const cpuMs = median(warm.map((round) => round[index]?.cpuMs ?? Number.NaN));
        results.push({ client, operation, firstCpuMs: first[index]?.cpuMs ?? Number.NaN, cpuMs });
        showCalls(client, operation, { first: first[index], cpuMs });
      }
    }
  } finally {
    await Promise.all(callers.map((caller) => caller.process.stop()));
  }
  return results;
}

async function askAll(
  callers: readonly { readonly process: LineProcess }[],
  task: { readonly operation: OperationName; readonly calls: number; readonly concurrency: number },
): Promise<readonly CallResult[]> {
  const answers: CallResult[] = [];
  for (const caller of callers) {
    answers.push(await caller.process.ask<CallResult>(task));
  }
  return answers;
}

function showCalls(
  client: ClientName,
  operation: OperationName,
  { first, cpuMs }: { readonly first: CallResult | undefined; readonly cpuMs: number },
): void {
  process.stdout.write(
    `${operation.padEnd(19)} ${client.padEnd(7)} ${cpuMs.toFixed(3)} ms of CPU a call, the first ${first?.cpuMs.toFixed(1)} ms\n`,
  );
}

async function measureEmptyRange(): Promise<CallTargets["emptyRange"]> {
  const { wallMs, cpuMs } = await measureEmptyRanges(folder, ranges);
  process.stdout.write(`an empty range: ${cpuMs.toFixed(2)} ms of CPU, ${wallMs.toFixed(2)} ms\n`);
  return { wallMs, cpuMs };
}

async function measureRuns(endpoint: string): Promise<CallTargets["runs"]> {
  const runs: CallTargets["runs"][number][] = [];
  for (const client of CLIENTS) {
    const { states } = await runSchedulerCase(partitions, {
      rounds,
      folder,
      aws: { client, endpoint },
      states: ["new"],
    });
    for (const { result } of states) {
      const { wallMs, cpuMs } = result;
      runs.push({ client, partitions, wallMs, cpuMs });
      process.stdout.write(
        `a run with ${partitions} new ranges by ${client}: ${(cpuMs / 1_000).toFixed(2)} s of CPU, ${(wallMs / 1_000).toFixed(2)} s\n`,
      );
    }
  }
  return runs;
}
