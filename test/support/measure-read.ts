// Started by a test as a process of its own: it reads one range to its end and
// tells how many records came and how high its memory rose meanwhile.

import { createKafkaRangeReader } from "../../shared/kafka/range-reader.ts";

const [bootstrapServers = "", topic = "", warmUntil = "", until = ""] = process.argv.slice(2);
const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });

async function read(fromOffset: bigint, untilOffset: bigint) {
  const range = { topic, partition: 0, fromOffset, untilOffset };
  let records = 0;
  let valueBytes = 0;
  for await (const batch of reader.readRange({ range, isolationLevel: "read_committed" }).batches()) {
    for (const { value } of batch) {
      records += 1;
      valueBytes += value?.length ?? 0;
    }
  }
  return { records, valueBytes };
}

await read(0n, BigInt(warmUntil));
const before = process.resourceUsage().maxRSS;
const counted = await read(0n, BigInt(until));
await reader.close();
const grownBytes = (process.resourceUsage().maxRSS - before) * 1_024;
process.stdout.write(JSON.stringify({ ...counted, grownBytes }));
