// Started by a test as a process of its own: it reads one range to its end and
// tells how many records came, how high its memory rose meanwhile, and what went wrong.

import { readFileSync } from "node:fs";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";

export interface ReadMeasurement {
  readonly records: number;
  readonly valueBytes: number;
  /** By how much the process's memory rose above what it held before the read that is measured. */
  readonly grownBytes: number;
  /** The most that the whole process held during that read. */
  readonly peakBytes: number;
  readonly error?: { readonly name: string; readonly message: string };
}

const [bootstrapServers = "", topic = "", warmUntil = "", until = "", maxDecompressedBatchBytes] =
  process.argv.slice(2);
const reader = createKafkaRangeReader({
  clientId: "tests",
  bootstrapServers: [bootstrapServers],
  ...(maxDecompressedBatchBytes === undefined ? {} : { maxDecompressedBatchBytes: Number(maxDecompressedBatchBytes) }),
});

let peakBytes = 0;

async function read(
  fromOffset: bigint,
  untilOffset: bigint,
): Promise<Pick<ReadMeasurement, "records" | "valueBytes" | "error">> {
  const range = { topic, partition: 0, fromOffset, untilOffset };
  const counted = { records: 0, valueBytes: 0 };
  try {
    for await (const batch of reader.readRange({ range, isolationLevel: "read_committed" }).batches()) {
      // The process's own peak would be that of its start.
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
      for (const { value } of batch) {
        counted.records += 1;
        counted.valueBytes += value?.length ?? 0;
      }
    }
    return counted;
  } catch (error) {
    const { name, message } = error as Error; // The reader throws nothing else.
    return { ...counted, error: { name, message } };
  }
}

await read(0n, BigInt(warmUntil));
/** The process's peak as Linux keeps it, that of its start included; elsewhere the samples have to do. */
function highWaterBytes(): number {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
    return Number(kibibytes ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

const before = process.memoryUsage.rss();
const highWaterBefore = highWaterBytes();
peakBytes = before;
const counted = await read(0n, BigInt(until));
const highWater = highWaterBytes();
// Between two samples it may have been higher.
peakBytes = Math.max(peakBytes, process.memoryUsage.rss(), highWater > highWaterBefore ? highWater : 0);
await reader.close();
const measured: ReadMeasurement = { ...counted, grownBytes: peakBytes - before, peakBytes };
process.stdout.write(JSON.stringify(measured));
