import { type CheckedRecord, checkRecord, invalid, type KafkaOutputRecord } from "./output-record.ts";
import type { TopicLayouts } from "./topic-layouts.ts";
import { asOutputError } from "./transaction-errors.ts";

export interface PlacedRecord {
  readonly record: CheckedRecord;
  /** Of its topic. */
  readonly partitionCount: number;
}

/** Throws InvalidOutputError for an output that is none, or whose partition there is not. `topic` is of those that name none. */
export async function placeRecords(
  outputs: readonly KafkaOutputRecord[],
  topic: string | undefined,
  layouts: TopicLayouts,
): Promise<readonly PlacedRecord[]> {
  const defaults = { topic, timestamp: BigInt(Date.now()) };
  const checked = outputs.map((output, index) => checkRecord(output, index, defaults));
  const placed: PlacedRecord[] = [];
  for (const [index, record] of checked.entries()) {
    const partitionCount = await countPartitions(layouts, record);
    if (record.partition !== undefined && record.partition >= partitionCount) {
      const what = `is for partition ${record.partition} of topic ${record.topic}`;
      throw invalid(index, what, `the topic has ${partitionCount} of them`);
    }
    placed.push({ record, partitionCount });
  }
  return placed;
}

/** A partition that is not known may be new. */
async function countPartitions(layouts: TopicLayouts, { topic, partition = 0 }: CheckedRecord): Promise<number> {
  const known = layouts.known(topic);
  if (known !== undefined && partition < known.partitionCount) {
    return known.partitionCount;
  }
  layouts.forget(topic);
  try {
    return (await layouts.of(topic)).partitionCount;
  } catch (error) {
    throw asOutputError(error);
  }
}
