// List ends
//
// Where the partitions end. An end that lies below what is planned is asked for
// again, since a broker that just stopped leading may have answered; then the end of
// the leader epoch that was read last tells a truncated log from a lagging replica.

import { MAX_CONCURRENT_DISPATCHES } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { isClosed, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import type {
  IsolationLevel,
  ListedOffset,
  OffsetSource,
  PartitionMetadata,
} from "../../../shared/core/source/offset-source.ts";

export interface KnownPartition {
  readonly partition: PartitionMetadata;
  readonly newest: RangeRecord | undefined;
}

export interface PartitionEnd {
  readonly end: ListedOffset | undefined;
  /** Where the epoch of the newest range ends, asked for only where `end` lies below that range. */
  readonly epochEnd?: ListedOffset;
}

/** One answer per partition, in their order. */
export async function listEnds(
  source: OffsetSource,
  known: readonly KnownPartition[],
  isolationLevel: IsolationLevel,
): Promise<readonly PartitionEnd[]> {
  const ends = [
    ...(await source.listOffsets(
      known.map(({ partition }) => partition),
      "latest",
      isolationLevel,
    )),
  ];
  const wentBack = () => known.flatMap((one, index) => (isBelow(ends[index], one.newest) ? [{ ...one, index }] : []));
  const doubted = wentBack();
  const again = await source.listOffsets(
    doubted.map(({ partition }) => partition),
    "latest",
    isolationLevel,
  );
  for (const [position, { index }] of doubted.entries()) {
    ends[index] = again[position] ?? { kind: "listed", offset: undefined };
  }
  const epochEnds = new Map<number, ListedOffset>();
  await mapConcurrently(wentBack(), MAX_CONCURRENT_DISPATCHES, async ({ partition, newest, index }) => {
    // Of what was given up at the range's end the epoch is not known.
    if (newest?.leaderEpoch !== undefined && newest.committedOffset === newest.untilOffset) {
      epochEnds.set(index, await source.endOfEpoch(partition, newest.leaderEpoch));
    }
  });
  return ends.map((end, index) => {
    const epochEnd = epochEnds.get(index);
    return epochEnd === undefined ? { end } : { end, epochEnd };
  });
}

function isBelow(end: ListedOffset | undefined, newest: RangeRecord | undefined): boolean {
  const isKnown = end?.kind === "listed" && end.offset !== undefined;
  return isKnown && newest !== undefined && isClosed(newest) && (end.offset ?? 0n) < newest.untilOffset;
}
