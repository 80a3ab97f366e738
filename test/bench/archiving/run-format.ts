// Runs all archivers of a format by turns, each in a process of its own that is warm.

import { join } from "node:path";
import { cachedFolder } from "../../../functions/local/process/cache-folder.ts";
import { downloadJars } from "../../../functions/local/process/maven-download.ts";
import { median } from "../median.ts";
import type { FilledLog } from "../reading/bench-stack.ts";
import { LineProcess } from "../reading/line-process.ts";
import {
  ARCHIVERS,
  type ArchiveConnection,
  type ArchiveFormatName,
  type ArchiveResult,
  type ArchiverName,
  FORMATS_OF,
} from "./archiving.ts";
import { deployArchiver } from "./deployed-process.ts";

const SPARK_VERSION = "3.5.1";
/** What is archived first, unmeasured, so that compilers have seen the code. */
const WARM_UP_SHARE = 0.1;
const DEADLINE_MS = 900_000;
const archiveProcess = new URL("archive-process.ts", import.meta.url).pathname;
const sparkProgram = new URL("SparkArchiver.java", import.meta.url).pathname;

/** What Spark asks of Java 17 and later. */
const OPENED = [
  ...["java.lang", "java.lang.invoke", "java.lang.reflect", "java.io", "java.net", "java.nio", "java.util"],
  ...["java.util.concurrent", "java.util.concurrent.atomic", "sun.nio.ch", "sun.nio.cs", "sun.security.action"],
  "sun.util.calendar",
].flatMap((name) => ["--add-opens", `java.base/${name}=ALL-UNNAMED`]);

export interface ArchiverReport {
  readonly recordsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly cpuSecondsPerGigabyte: number;
  readonly peakRssBytes: number;
  /** Of the objects, or the file. */
  readonly bytes: number;
}

export interface FormatReport {
  readonly format: ArchiveFormatName;
  /** Of the records that were archived. */
  readonly valueBytes: number;
  readonly archivers: Readonly<Partial<Record<ArchiverName, ArchiverReport>>>;
}

export interface FormatRun {
  readonly log: FilledLog;
  readonly connection: ArchiveConnection;
  readonly rounds: number;
  readonly only: readonly ArchiverName[];
  readonly folder: string;
  /** Of a function that would run ours, in MiB. */
  readonly functionMib: number;
}

/** Throws when one archives anything but what is in the log. */
export async function runFormat(format: ArchiveFormatName, run: FormatRun): Promise<FormatReport> {
  const { log, rounds, only } = run;
  const names = ARCHIVERS.filter((name) => only.includes(name) && FORMATS_OF[name].includes(format));
  const reports: Partial<Record<ArchiverName, ArchiverReport>> = {};
  for (const name of names) {
    const archiver = await startArchiver(name, format, run);
    try {
      const results: ArchiveResult[] = [];
      await archive(archiver, format, log, Math.ceil(log.task.untilOffset * WARM_UP_SHARE));
      for (let round = 0; round < rounds; round += 1) {
        results.push(await archive(archiver, format, log, log.task.untilOffset));
      }
      reports[name] = summarize(results, log);
    } finally {
      await archiver.stop();
    }
  }
  return { format, valueBytes: log.expected.valueBytes, archivers: reports };
}

async function archive(
  archiver: LineProcess,
  format: ArchiveFormatName,
  { task }: FilledLog,
  untilOffset: number,
): Promise<ArchiveResult> {
  const result = await archiver.ask<ArchiveResult>({ ...task, untilOffset, lastOffset: untilOffset - 1, format });
  if (result.records !== untilOffset) {
    throw new Error(`${result.records} records were archived as ${format} instead of ${untilOffset}`);
  }
  return result;
}

async function startArchiver(
  name: ArchiverName,
  format: ArchiveFormatName,
  { connection, folder, functionMib }: FormatRun,
): Promise<LineProcess> {
  const options = {
    name: `${name} ${format}`,
    logFile: join(folder, `${name}-${format}.log`),
    deadlineMs: DEADLINE_MS,
  };
  if (name !== "spark") {
    const program = name === "ours" ? await deployArchiver(folder, functionMib) : [archiveProcess];
    const args = ["--disable-warning=TimeoutNegativeWarning", ...program, name, JSON.stringify(connection)];
    return new LineProcess({ ...options, command: process.execPath, args });
  }
  const { bootstrapServers } = connection;
  const args = [
    "-Xmx1g",
    ...OPENED,
    "-cp",
    await sparkClassPath(),
    sparkProgram,
    bootstrapServers,
    join(folder, "spark"),
  ];
  return new LineProcess({ ...options, command: "java", args });
}

async function sparkClassPath(): Promise<string> {
  const folder = await cachedFolder({
    name: `spark-${SPARK_VERSION}`,
    title: `Spark ${SPARK_VERSION} (260 MB)`,
    fill: (empty) =>
      downloadJars(empty, [
        `org.apache.spark:spark-sql_2.12:${SPARK_VERSION}`,
        `org.apache.spark:spark-sql-kafka-0-10_2.12:${SPARK_VERSION}`,
      ]),
  });
  return join(folder, "lib", "*");
}

function summarize(results: readonly ArchiveResult[], { expected }: FilledLog): ArchiverReport {
  const seconds = median(results.map(({ wallMs }) => wallMs)) / 1_000;
  const cpuSeconds = median(results.map(({ cpuMs }) => cpuMs)) / 1_000;
  return {
    recordsPerSecond: expected.records / seconds,
    megabytesPerSecond: expected.valueBytes / 1e6 / seconds,
    cpuSecondsPerGigabyte: cpuSeconds / (expected.valueBytes / 1e9),
    peakRssBytes: Math.max(...results.map(({ peakRssBytes }) => peakRssBytes)),
    bytes: results[0]?.bytes ?? 0,
  };
}
