// One archiver in a process of its own, so that its CPU time and memory are its own. Archives
// what each task given as a line of JSON on the standard input says.

import { createInterface } from "node:readline";
import type { ArchiveConnection, ArchiveResult, ArchiveTask, OpenArchiver } from "./archiving.ts";

/** Only one is loaded: what the other takes of memory is not its own. */
const archivers: Readonly<Record<string, () => Promise<OpenArchiver>>> = {
  ours: async () => (await import("./s3-archiver.ts")).openS3Archiver,
  kafkajs: async () => (await import("./kafkajs-archiver.ts")).openKafkajsArchiver,
};

const [name = "", connectionJson = "{}"] = process.argv.slice(2);
const load = archivers[name];
if (load === undefined) {
  throw new RangeError(`no archiver is named ${name}`);
}
const archive = (await load())(JSON.parse(connectionJson) as ArchiveConnection); // Given by the bench.

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await measure(JSON.parse(line) as ArchiveTask).catch((error: unknown) => ({
    error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function measure(task: ArchiveTask): Promise<ArchiveResult> {
  const started = { wall: performance.now(), cpu: process.cpuUsage() };
  const archived = await archive(task);
  const { user, system } = process.cpuUsage(started.cpu);
  return {
    ...archived,
    wallMs: performance.now() - started.wall,
    cpuMs: (user + system) / 1_000,
    peakRssBytes: process.resourceUsage().maxRSS * 1_024,
  };
}
