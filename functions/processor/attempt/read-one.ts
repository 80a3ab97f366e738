import { CorruptRecordError } from "../../../shared/core/errors.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import type { IsolationLevel } from "../../../shared/core/source/offset-source.ts";
import type { KafkaRecord, RangeReader } from "../../../shared/core/source/range-reader.ts";
import type { Attempt } from "./attempt.ts";

export interface OneRecord {
  /** Absent where it cannot even be read. */
  readonly record?: KafkaRecord;
  readonly leaderEpoch?: number;
}

/** Reads the one record at the attempt's committedOffset once more, for its dead letter. */
export async function readOne<Output>(
  reader: RangeReader,
  { isolationLevel }: { readonly isolationLevel: IsolationLevel },
  { session, record: claimed, leader, signal }: Attempt<Output>,
): Promise<OneRecord> {
  const { topic, partition, committedOffset: fromOffset, chain } = session?.record ?? claimed;
  const read = reader.readRange({
    range: { topic, partition, fromOffset, untilOffset: fromOffset + 1n },
    isolationLevel,
    topicId: chain.topicId,
    signal,
    ...omitUndefined({ leader }),
  });
  try {
    const [record] = await Array.fromAsync(read.records());
    const epoch = read.leaderEpoch === undefined ? {} : { leaderEpoch: read.leaderEpoch };
    return record === undefined ? epoch : { record, ...epoch };
  } catch (error) {
    if (error instanceof CorruptRecordError) {
      return {};
    }
    throw error;
  }
}
