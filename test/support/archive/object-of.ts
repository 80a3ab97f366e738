import type { ArchiveFormat } from "../../../shared/archive/format/archive-format.ts";
import type { ArchiveRecord } from "../../../shared/archive/format/archive-record.ts";
import type { TopicPartition } from "../../../shared/core/range/topic-partition.ts";

/** Of the records of an object. */
export const aPlace: TopicPartition = { topic: "orders", partition: 3 };

/** The object that a format makes of records. */
export async function objectOf(format: ArchiveFormat, records: readonly ArchiveRecord[]) {
  const pieces: Uint8Array[] = [];
  const encoder = format.open((piece) => {
    pieces.push(Buffer.from(piece));
    return undefined;
  }, aPlace);
  for (const record of records) {
    await encoder.add(record);
  }
  const digest = await encoder.finish();
  return { bytes: Buffer.concat(pieces), digest };
}
