// Read requests
//
// Where each reprocess request of a pipeline stands that the ledger still keeps.

import { MAX_CONCURRENT_LEDGER_CALLS } from "../../shared/core/limits.ts";
import { mapConcurrently } from "../../shared/core/map-concurrently.ts";
import { recordCount } from "../../shared/core/offset-range.ts";
import { type PlannedState, plannedStateOf } from "../../shared/core/plan-reprocess.ts";
import type { RangeLedger } from "../../shared/core/range-ledger.ts";
import { isHalted, type OperatorAct, type RangeRecord } from "../../shared/core/range-record.ts";
import type { ReprocessProgress, ReprocessRequest } from "../../shared/core/reprocess-request.ts";

export interface RequestStatus {
  readonly pipeline: string;
  readonly requestId: string;
  /** `cancelling`: what was running when it was cancelled still is. */
  readonly state: "open" | "completed" | "cancelling" | "cancelled";
  /** Those neither done nor open nor halted wait for their turn. */
  readonly ranges: { readonly total: number; readonly done: number; readonly open: number; readonly halted: number };
  readonly offsets: { readonly total: bigint; readonly done: bigint };
  readonly requestedAt: number;
  readonly completedAt?: number;
  /** When the open range that was planned first was planned. */
  readonly oldestOpenAt?: number;
  readonly cancelled?: OperatorAct;
  /** The ranges that wait for an operator; absent when there is none. */
  readonly haltedRanges?: readonly RangeRecord[];
}

/** By request id. */
export async function readRequests(ledger: RangeLedger<never>, pipeline: string): Promise<readonly RequestStatus[]> {
  const open = new Map((await ledger.openReprocesses(pipeline)).map((progress) => [progress.requestId, progress]));
  const statuses: RequestStatus[] = [];
  for await (const request of ledger.reprocessRequests(pipeline)) {
    const progress = open.get(request.requestId) ?? { requestId: request.requestId, settled: [], open: [] };
    statuses.push(
      request.completion === undefined ? await openStatus(ledger, request, progress) : completedStatus(request),
    );
  }
  return statuses;
}

function completedStatus(request: ReprocessRequest): RequestStatus {
  const { completedAt, settled, cancelled } = request.completion ?? {
    completedAt: 0,
    settled: [],
    cancelled: undefined,
  };
  return {
    ...namesOf(request),
    state: cancelled === undefined ? "completed" : "cancelled",
    ranges: { total: request.ranges.length, done: settled.length, open: 0, halted: 0 },
    offsets: { total: offsetsOf(request), done: offsetsOf(request, settled) },
    completedAt,
    ...(cancelled === undefined ? {} : { cancelled }),
  };
}

async function openStatus(
  ledger: RangeLedger<never>,
  request: ReprocessRequest,
  { settled, open, cancelled }: ReprocessProgress,
): Promise<RequestStatus> {
  const states = await mapConcurrently(open, MAX_CONCURRENT_LEDGER_CALLS, (index) => stateOf(ledger, request, index));
  const records = states.flatMap((state) => (state.kind === "settled" ? [] : [state.record]));
  const closed = open.filter((_, position) => states[position]?.kind === "settled");
  const committed = records.reduce((sum, record) => sum + (record.committedOffset - record.fromOffset), 0n);
  const halted = records.filter(isHalted);
  return {
    ...namesOf(request),
    state: cancelled === undefined ? "open" : "cancelling",
    ranges: {
      total: request.ranges.length,
      done: settled.length + closed.length,
      open: records.length - halted.length,
      halted: halted.length,
    },
    offsets: { total: offsetsOf(request), done: offsetsOf(request, [...settled, ...closed]) + committed },
    ...(records.length === 0 ? {} : { oldestOpenAt: Math.min(...records.map(({ plannedAt }) => plannedAt)) }),
    ...(cancelled === undefined ? {} : { cancelled }),
    ...(halted.length === 0 ? {} : { haltedRanges: halted }),
  };
}

async function stateOf(
  ledger: RangeLedger<never>,
  { pipeline, requestId, ranges }: ReprocessRequest,
  index: number,
): Promise<PlannedState> {
  const range = ranges[index];
  if (range === undefined) {
    return { kind: "settled" };
  }
  const { topicId, partition } = range;
  const records = ledger.rangesWithin({ pipeline, topicId, partition, requestId }, range);
  return plannedStateOf(await Array.fromAsync(records));
}

function namesOf({ pipeline, requestId, requestedAt }: ReprocessRequest) {
  return { pipeline, requestId, requestedAt };
}

/** Of all its ranges, or of those with these indexes. */
function offsetsOf({ ranges }: ReprocessRequest, indexes: readonly number[] = [...ranges.keys()]): bigint {
  return indexes.reduce((sum, index) => {
    const range = ranges[index];
    return range === undefined ? sum : sum + recordCount(range);
  }, 0n);
}
