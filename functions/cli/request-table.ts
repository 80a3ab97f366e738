import type { RequestStatus } from "./read-requests.ts";
import { tabulate } from "./tabulate.ts";

const HEADINGS = ["PIPELINE", "REQUEST", "STATE", "RANGES DONE", "OPEN", "HALTED", "OFFSETS DONE", "OLDEST OPEN"];

/** The reprocess requests as lines, and by whom one was cancelled; none where there is no request. */
export function requestTable(requests: readonly RequestStatus[]): readonly string[] {
  if (requests.length === 0) {
    return [];
  }
  const cancelled = requests.flatMap(({ pipeline, requestId, cancelled: act }) =>
    act === undefined
      ? []
      : [`${pipeline} ${requestId}: cancelled by ${act.by} at ${new Date(act.at).toISOString()}: ${act.reason}`],
  );
  return [...tabulate([HEADINGS, ...requests.map(rowOf)]), ...cancelled];
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
