// npm run bench:concurrency: a range whose records each wait for a service, one after the other and side by side.

import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus } from "node:os";
import { setTimeout } from "node:timers/promises";
import { Command } from "commander";
import { processAttempts } from "../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../functions/processor/session/processing-range.ts";
import { recordsOf } from "../../functions/testing/records-of.ts";
import { newRange } from "../../shared/core/range/new-range.ts";
import { createInMemoryRangeLedger } from "../../shared/memory/in-memory-range-ledger.ts";
import { createInMemoryRangeReader } from "../../shared/memory/in-memory-range-reader.ts";
import { processorRules } from "../support/builders/builders.ts";
import { median } from "./median.ts";
import { renderTargets } from "./render-report.ts";
import type { Target } from "./targets.ts";
import { wholeNumber } from "./whole-number.ts";

const MIN_RATIO = 8;
const CONCURRENCY = 16;

interface Arguments {
  readonly records: number;
  readonly keys: number;
  readonly serviceMs: number;
  readonly rounds: number;
  readonly json?: string;
}

const { records, keys, serviceMs, rounds, json } = new Command("npm run bench:concurrency --")
  .description(
    "Measures how long the processor takes for a range whose records each wait for a service: in sequence, and by forEach. The ledger and the log are in memory. A target that is not met is told, not failed.",
  )
  .option("--records <n>", "of the range", wholeNumber, 2_000)
  .option("--keys <n>", "different keys, in turn", wholeNumber, 200)
  .option("--service-ms <n>", "how long the service takes for a record", wholeNumber, 5)
  .option("--rounds <n>", "of which the median counts", wholeNumber, 3)
  .option("--json <file>", "write the measurements there too")
  .parse()
  .opts<Arguments>();

const callService = () => setTimeout(serviceMs);
const ways: Readonly<Record<string, ProcessFunction<string>>> = {
  "in sequence": (range) => range.writeEach(callService),
  "by key": (range) => range.forEach({ concurrency: CONCURRENCY, by: "key" }, callService),
  "by record": (range) => range.forEach({ concurrency: CONCURRENCY, by: "record" }, callService),
};
const log = recordsOf(Array.from({ length: records }, (_, index) => ({ key: `key ${index % keys}`, value: "x" })));

const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${machine}; median of ${rounds} rounds\n\n`);
const seconds = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
for (let round = 0; round < rounds; round += 1) {
  for (const [way, code] of Object.entries(ways)) {
    seconds.get(way)?.push(await timeOf(code));
  }
}
const measured = [...seconds].map(([way, times]) => ({ way, recordsPerSecond: records / median(times) }));
const sequential = measured[0]?.recordsPerSecond ?? Number.NaN;
for (const { way, recordsPerSecond } of measured) {
  process.stdout.write(`${way}: ${Math.round(recordsPerSecond)} records/s\n`);
}
const targets = measured.slice(1).map(({ way, recordsPerSecond }): Target => {
  const ratio = recordsPerSecond / sequential;
  return {
    promise: `at least ${MIN_RATIO}x the records/s of a sequence, ${way}, ${CONCURRENCY} at a time`,
    measured: `${ratio.toFixed(2)}x`,
    isMet: ratio >= MIN_RATIO,
  };
});
process.stdout.write(`\n${renderTargets(targets)}`);
if (json !== undefined) {
  const what = { machine, records, keys, serviceMs, rounds, concurrency: CONCURRENCY };
  await writeFile(json, `${JSON.stringify({ ...what, measured, targets }, undefined, 2)}\n`);
}

async function timeOf(code: ProcessFunction<string>): Promise<number> {
  const chain = { pipeline: "bench", topicId: "00000000-0000-4000-8000-000000000001", partition: 0 };
  const place = { chain, topic: "orders", fromOffset: 0n, untilOffset: BigInt(records) };
  const planned = newRange({ ...place, batchId: "batch-1", writeId: "write-1", now: Date.now() });
  const ledger = createInMemoryRangeLedger<string>();
  ledger.put(planned);
  const reader = createInMemoryRangeReader({ records: log, recordsPerBatch: 500 });
  const deps = { ledger, reader, process: code, now: () => Date.now(), random: () => 0.5 };
  const never = new AbortController().signal;
  const begun = performance.now();
  const outcomes = await processAttempts(
    deps,
    processorRules(),
    { record: planned },
    { owner: "bench", remainingMs: 900_000, deadline: never, lastCall: never },
  );
  if (outcomes.at(-1)?.kind !== "completed") {
    throw new Error(`the range is ${outcomes.at(-1)?.kind}`);
  }
  return (performance.now() - begun) / 1_000;
}
