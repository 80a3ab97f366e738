// One attempt at a range that is archived, in a process of its own that may be killed: what the
// ledger remembers is a file. `node archive-attempt.ts ENDPOINT BUCKET PREFIX LEDGER`

import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { jsonLines } from "../../../shared/archive/lines/line-formats.ts";
import { localAccess } from "../aws-access.ts";
import { anOutputRange, batchesOf, kafkaRecords, NOON, openBench, openPrepared } from "./archive-bench.ts";

interface Remembered {
  readonly memo?: string;
  readonly receipt?: string;
}

const [endpoint = "", bucket = "", prefix = "", file = ""] = process.argv.slice(2);
const range = anOutputRange({ untilOffset: 160n });
const records = kafkaRecords(range, (offset) => ({ timestamp: BigInt(NOON) + (offset % 2n) * 3_600_000n }));
const output = openBench(localAccess(endpoint), { bucket, prefix, format: jsonLines() });

let { memo, receipt } = read();
while (receipt === undefined) {
  memo ??= await prepare();
  remember({ memo });
  const settled = await output.settle?.(memo, range);
  if (typeof settled === "object") {
    receipt = settled.receipt;
    remember({ memo, receipt });
  }
  memo = undefined;
}

async function prepare(): Promise<string> {
  const open = await openPrepared(output, range);
  for await (const batch of batchesOf(range, records, 20)) {
    await open.writeBatch(batch, range.fromOffset);
  }
  const prepared = await open.prepare({ untilOffset: range.untilOffset, progress: "" });
  if (prepared === "nothing") {
    throw new Error("there are records");
  }
  return prepared.memo;
}

function read(): Remembered {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Remembered) : {}; // As it was remembered.
}

/** Whole, or not at all. */
function remember(remembered: Remembered): void {
  writeFileSync(`${file}.next`, JSON.stringify(remembered));
  renameSync(`${file}.next`, file);
}
process.exit(0);
