// One reader in a process of its own, so that its CPU time and memory are its own.
// Reads each task given as a line of JSON on the standard input.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { OpenReader } from "./readers/open-reader.ts";
import type { BenchConnection, ReadTask } from "./reading.ts";

/** Only one is loaded: what the others take of memory is not its own. */
const readers: Readonly<Record<string, () => Promise<OpenReader>>> = {
  ours: async () => (await import("./readers/exact-range.ts")).openExactRangeReader,
  kafkajs: async () => (await import("./readers/kafkajs.ts")).openKafkajsReader,
  platformatic: async () => (await import("./readers/platformatic.ts")).openPlatformaticReader,
  bareSocket: async () => (await import("./readers/bare-socket.ts")).openBareSocket,
};

const [name = "", connectionJson = "{}"] = process.argv.slice(2);
const { bootstrapServers, caFile } = JSON.parse(connectionJson) as BenchConnection; // Given by the bench.
const load = readers[name];
assert.ok(load !== undefined, `no reader is named ${name}`);
const open = await load();
const read = open({ bootstrapServers, ...(caFile === undefined ? {} : { ca: readFileSync(caFile, "utf8") }) });

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await read(JSON.parse(line) as ReadTask).catch((error: unknown) => ({
    error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
  }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);
