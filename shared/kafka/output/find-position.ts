// Find position
//
// Where an attempt's outputs begin. A broker forgets the offset of a group that nobody has moved for
// a week, so that an idle partition's position is gone one day:
//
//   FO1  Who finds none goes by the ledger where no earlier attempt at the range can have written
//        a position that is forgotten since: none was made, or the range is younger than that.
//   FO2  Otherwise nobody knows whether outputs took effect, and an operator decides.

import { LedgerIntegrityError } from "../../core/errors.ts";
import type { OutputPosition, OutputRange } from "../../core/output/range-output.ts";
import { formatOffsetRange } from "../../core/range/offset-range.ts";
import { formatTopicPartition } from "../../core/range/topic-partition.ts";
import { MIN_OFFSETS_RETENTION_MS } from "../limits.ts";
import type { OutputPlace } from "./output-place.ts";
import type { StoredPosition } from "./producer-session.ts";

/** Throws LedgerIntegrityError where it cannot be told (FO2). `now` is in ms since the epoch. */
export function positionOf(
  stored: StoredPosition | undefined,
  range: OutputRange,
  { place, now }: { readonly place: OutputPlace; readonly now: number },
): OutputPosition {
  if (stored !== undefined) {
    return { untilOffset: stored.offset, progress: stored.metadata };
  }
  if (range.leaseCounter === 1 || now - range.plannedAt < MIN_OFFSETS_RETENTION_MS) {
    return { untilOffset: range.fromOffset, progress: "" };
  }
  const { groupId, partition } = place;
  throw new LedgerIntegrityError(
    `group ${groupId} has no offset of ${formatTopicPartition(partition)}, and ${formatOffsetRange(range)} was planned so long ago that the brokers may have forgotten it (offsets.retention.minutes): find out up to which offset its outputs are in Kafka, and say so by kafka-consumer-groups.sh --group ${groupId} --topic ${partition.topic}:${partition.partition} --reset-offsets --to-offset ${range.fromOffset} --execute`,
  );
}
