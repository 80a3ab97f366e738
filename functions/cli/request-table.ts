import { formatOffsetRange } from "../../shared/core/offset-range.ts";
import type { LedgerPlace } from "./command-line.ts";
import { type PartitionTrouble, troubleOfRange, troubleText } from "./partition-trouble.ts";
import type { RequestStatus } from "./read-requests.ts";
import { tabulate } from "./tabulate.ts";

const HEADINGS = ["PIPELINE", "REQUEST", "STATE", "RANGES DONE", "OPEN", "HALTED", "OFFSETS DONE", "OLDEST OPEN"];

/** The reprocess requests as lines, by whom one was cancelled, and what its halted ranges need; none without a request. */
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
    stuckRanges(request, place).map(({ range, ...trouble }) =>
      troubleText(`${request.pipeline} ${request.requestId} ${range}`, trouble),
    ),
  );
  return [...tabulate([HEADINGS, ...requests.map(rowOf)]), ...cancelled, ...stuck];
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
    `${ranges.done} of ${ranges.total}`,
    ranges.open.toString(),
    ranges.halted.toString(),
    `${offsets.done} of ${offsets.total}`,
    oldestOpenAt === undefined ? "-" : new Date(oldestOpenAt).toISOString(),
  ];
}
