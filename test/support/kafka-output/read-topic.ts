import { type IsolationLevel, listedOffset } from "../../../shared/core/source/offset-source.ts";
import type { KafkaRecord } from "../../../shared/core/source/range-reader.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { waitUntil } from "../wait-until.ts";

export interface TopicRecord {
  readonly partition: number;
  readonly record: KafkaRecord;
}

const SETTLED_DEADLINE_MS = 20_000;

/**
 * What a reader of committed records finds in the topic, partition by partition, once no transaction is open: the end of
 * one is answered before its markers are in the logs.
 */
export async function readTopic(bootstrapServers: string, topic: string): Promise<readonly TopicRecord[]> {
  const options = { clientId: "tests", bootstrapServers: [bootstrapServers] };
  const [source, reader] = [createKafkaOffsetSource(options), createKafkaRangeReader(options)];
  try {
    const { partitions } = await source.describe({ topics: [topic] });
    const endsOf = async (isolationLevel: IsolationLevel) =>
      (await source.listOffsets(partitions, "latest", isolationLevel)).map(listedOffset);
    let ends: readonly (bigint | undefined)[] = [];
    const isSettled = async () => {
      const all = await endsOf("read_uncommitted");
      ends = await endsOf("read_committed");
      return ends.every((end, index) => end === all[index]);
    };
    await waitUntil(`no transaction is open in ${topic}`, isSettled, SETTLED_DEADLINE_MS);
    const found: TopicRecord[] = [];
    for (const [index, { partition }] of partitions.entries()) {
      const range = { topic, partition, fromOffset: 0n, untilOffset: ends[index] ?? 0n };
      if (range.untilOffset > 0n) {
        for await (const record of reader.readRange({ range, isolationLevel: "read_committed" }).records()) {
          found.push({ partition, record });
        }
      }
    }
    return found;
  } finally {
    await Promise.all([source.close(), reader.close()]);
  }
}

/** The values that begin with the tag, in the order of their names. */
export function valuesOf(records: readonly TopicRecord[], tag: string): readonly string[] {
  return records
    .map(({ record }) => String(record.value))
    .filter((value) => value.startsWith(tag))
    .sort();
}
