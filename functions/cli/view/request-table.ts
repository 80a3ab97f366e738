import { formatOffsetRange } from "../../../shared/core/range/offset-range.ts";
import type { LedgerPlace } from "../output/command-line.ts";
import { tabulate } from "../output/tabulate.ts";
import { describeOffsets } from "./describe-offsets.ts";
import { type PartitionTrouble, troubleLines, troubleOfRange } from "./partition-trouble.ts";
import type { RequestStatus } from "./read-requests.ts";

const HEADINGS = ["PIPELINE", "REQUEST", "STATE", "RANGES CLOSED", "OPEN", "HALTED", "PROCESSED", "OLDEST OPEN"];

/** The reprocess requests as lines: what of one was not processed, by whom it was cancelled, what its halted ranges need. */
export function requestTable(requests: readonly RequestStatus[], place: LedgerPlace): readonly string[] {
  if (requests.length === 0) {
    return [];
  }
  const cancelled = requests.flatMap(({ pipeline, requestId, cancelled: act }) =>
    act === undefined
      ? []
      : [`${pipeline} ${requestId}: cancelled by ${act.by} at ${new Date(act.at).toISOString()}: ${act.reason}`],
  );
  const stuck = requests.flatMap((request) =>
    stuckRanges(request, place).flatMap(({ range, ...trouble }) =>
      troubleLines(`${request.pipeline} ${request.requestId} ${range}`, trouble),
    ),
  );
  return [
    ...tabulate([HEADINGS, ...requests.map(rowOf)]),
    ...requests.flatMap(unprocessedLine),
    ...cancelled,
    ...stuck,
  ];
}

/** Where more became of its offsets than being processed, or waiting for that. */
function unprocessedLine({ pipeline, requestId, state, offsets }: RequestStatus): readonly string[] {
  const { total, processed, left, ...others } = offsets;
  const isPlain = Object.values(others).every((count) => count === 0n) && (left === 0n || state === "open");
  return isPlain ? [] : [`${pipeline} ${requestId}: ${describeOffsets(total, { processed, ...others, left })}`];
}

export interface StuckRange extends PartitionTrouble {
  readonly range: string;
}

/** What each of the request's halted ranges needs. */
export function stuckRanges({ haltedRanges = [] }: RequestStatus, place: LedgerPlace): readonly StuckRange[] {
  return haltedRanges.flatMap((record) => {
    const trouble = troubleOfRange(record, place);
    return trouble === undefined ? [] : [{ range: formatOffsetRange(record), ...trouble }];
  });
}

function rowOf({ pipeline, requestId, state, ranges, offsets, oldestOpenAt }: RequestStatus): readonly string[] {
  return [
    pipeline,
    requestId,
    state,
    `${ranges.closed} of ${ranges.total}`,
    ranges.open.toString(),
    ranges.halted.toString(),
    `${offsets.processed} of ${offsets.total}`,
    oldestOpenAt === undefined ? "-" : new Date(oldestOpenAt).toISOString(),
  ];
}
