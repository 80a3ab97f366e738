// npm run bench:archive: archives of one topic by our S3 output, by Spark and by a plain kafkajs script.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Command, Option } from "commander";
import { checkRequirements } from "../../functions/local/process/requirements.ts";
import { judgeArchives } from "./archiving/archive-targets.ts";
import { ARCHIVE_FORMATS, ARCHIVERS, type ArchiveFormatName, type ArchiverName } from "./archiving/archiving.ts";
import { produceOrders } from "./archiving/produce-orders.ts";
import { type FormatReport, runFormat } from "./archiving/run-format.ts";
import { BenchStack, type FilledLog } from "./reading/bench-stack.ts";
import { LineProcess } from "./reading/line-process.ts";
import { renderTargets } from "./render-report.ts";
import { wholeNumber } from "./whole-number.ts";

const VALUE_BYTES = 1_024;
const sinkProcess = new URL("archiving/sink-process.ts", import.meta.url).pathname;

type ValuesName = "avro" | "json";

interface Arguments {
  readonly records: number;
  readonly rounds: number;
  readonly only: readonly ArchiveFormatName[];
  readonly by: readonly ArchiverName[];
  readonly functionMib: number;
  readonly json?: string;
}

const { records, rounds, only, by, functionMib, json } = new Command("npm run bench:archive --")
  .description(
    "Archives one partition of a local Kafka in each format, JSON records of 1 KB or, for columns by a schema, Avro of 0.86 KB: with our S3 output to an endpoint that forgets, bundled and with V8's bounds as Lambda would run it, with Spark's batch source into files, and with a plain kafkajs script. Exits with 1 when one archives anything but what was written; a target that is not met is told, not failed.",
  )
  .option("--records <n>", "in the partition", wholeNumber, 2_000_000)
  .option("--rounds <n>", "measured rounds per archiver and format", wholeNumber, 1)
  .addOption(new Option("--only <format...>", "some of the formats").choices(ARCHIVE_FORMATS).default(ARCHIVE_FORMATS))
  .addOption(new Option("--by <archiver...>", "some of the archivers").choices(ARCHIVERS).default(ARCHIVERS))
  .option("--function-mib <n>", "memory of the function that ours is run as", wholeNumber, 512)
  .option("--json <file>", "write the measurements there too")
  .parse()
  .opts<Arguments>();

checkRequirements(["java", "maven"]);
const folder = await mkdtemp(join(tmpdir(), "bench-archive-"));
const machine = `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores, Node ${process.version}`;
process.stdout.write(`${machine}; logs in ${folder}\n\n`);
const stack = await BenchStack.start(folder);
const sink = new LineProcess({
  name: "the sink",
  command: process.execPath,
  args: [sinkProcess],
  logFile: join(folder, "sink.log"),
});
let isWhole = false;
try {
  const { endpoint } = await sink.ask<{ readonly endpoint: string }>({});
  const { bootstrapServers } = stack;
  const fills: Readonly<Record<ValuesName, () => Promise<FilledLog>>> = {
    json: () =>
      stack.fill({
        ...{ name: "archive", title: "1 KB of JSON", records, valueBytes: VALUE_BYTES, isJson: true, headers: 0 },
        ...{ codec: "none", layout: "plain", isTls: false, readers: [] },
      }),
    avro: () => stack.fillBy((topic) => produceOrders({ bootstrapServers, topic, records }), { topic: "bench-avro" }),
  };
  const logs = new Map<ValuesName, FilledLog>();
  const reports: FormatReport[] = [];
  for (const format of only) {
    const values = format === "parquet-avro-snappy" ? "avro" : "json";
    const log = logs.get(values) ?? (await fills[values]());
    logs.set(values, log);
    const connection = { bootstrapServers, endpoint };
    const report = await runFormat(format, { log, connection, rounds, only: by, folder, functionMib });
    process.stdout.write(renderFormat(report));
    reports.push(report);
  }
  const targets = judgeArchives(reports);
  process.stdout.write(`\n${renderTargets(targets)}`);
  if (json !== undefined) {
    await writeFile(
      json,
      `${JSON.stringify({ machine, records, rounds, functionMib, reports, targets }, undefined, 2)}\n`,
    );
  }
  isWhole = true;
} finally {
  await sink.stop();
  await stack.close();
  // The logs of a run that failed are left to look at.
  await rm(isWhole ? folder : join(folder, "kafka", "data"), { recursive: true, force: true });
}

function renderFormat({ format, valueBytes, archivers }: FormatReport): string {
  return Object.entries(archivers)
    .map(([name, report]) => {
      const cells = [
        format.padEnd(23),
        name.padEnd(8),
        `${report.recordsPerSecond.toFixed(0)} records/s`.padStart(17),
        `${report.megabytesPerSecond.toFixed(0)} MB/s`.padStart(9),
        `${report.cpuSecondsPerGigabyte.toFixed(1)} CPU s/GB`.padStart(15),
        `${(report.peakRssBytes / 1e6).toFixed(0)} MB peak`.padStart(13),
        `${((100 * report.bytes) / valueBytes).toFixed(1)} % of the values`.padStart(22),
      ];
      return `${cells.join("  ")}\n`;
    })
    .join("");
}
