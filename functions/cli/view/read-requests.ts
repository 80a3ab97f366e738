// Read requests
//
// Where each reprocess request of a pipeline stands that the ledger still keeps.

import type { RangeLedger } from "../../../shared/core/ledger/range-ledger.ts";
import {
  newProgress,
  type ReprocessCompletion,
  type ReprocessProgress,
  type ReprocessRequest,
} from "../../../shared/core/ledger/reprocess-request.ts";
import { MAX_CONCURRENT_LEDGER_CALLS } from "../../../shared/core/limits.ts";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { isAllProcessed, type OffsetAccount } from "../../../shared/core/range/offset-outcomes.ts";
import { isHalted, type OperatorAct, type RangeRecord } from "../../../shared/core/range/range-record.ts";
import { accountRequest } from "../../../shared/core/reprocess/account-request.ts";
import { type PlannedState, plannedStateOf } from "../../../shared/core/reprocess/plan-reprocess.ts";

export interface RequestStatus {
  readonly pipeline: string;
  readonly requestId: string;
  /**
   * `completed`: every offset was processed, or is invisible. `closed`: all of it is settled, but not every one was.
   * `cancelling`: what was running when it was cancelled still is.
   */
  readonly state: "open" | "completed" | "closed" | "cancelling" | "cancelled";
  /** Those neither closed nor open nor halted wait for their turn. */
  readonly ranges: Readonly<Record<"total" | "closed" | "open" | "halted", number>>;
  readonly offsets: OffsetAccount;
  readonly requestedAt: number;
  /** Since when nothing is done for it any more. */
  readonly completedAt?: number;
  /** When the open range that was planned first was planned. */
  readonly oldestOpenAt?: number;
  readonly cancelled?: OperatorAct;
  /** The ranges that wait for an operator; absent when there is none. */
  readonly haltedRanges?: readonly RangeRecord[];
}

/** By request id. */
export async function readRequests(
  ledger: RangeLedger<never>,
  pipeline: string,
  now: number,
): Promise<readonly RequestStatus[]> {
  const open = new Map((await ledger.openReprocesses(pipeline)).map((progress) => [progress.requestId, progress]));
  const statuses: RequestStatus[] = [];
  for await (const request of ledger.reprocessRequests(pipeline)) {
    const progress = open.get(request.requestId) ?? newProgress(request.requestId);
    statuses.push(
      request.completion === undefined
        ? await openStatus({ ledger, request, now }, progress)
        : closedStatus(request, request.completion),
    );
  }
  return statuses;
}

function closedStatus(request: ReprocessRequest, completion: ReprocessCompletion): RequestStatus {
  const { completedAt, settled, cancelled } = completion;
  const offsets = accountRequest(request, { ...completion, open: [] });
  const ended = cancelled === undefined ? "closed" : "cancelled";
  return {
    ...namesOf(request),
    state: isAllProcessed(offsets) ? "completed" : ended,
    ranges: { total: request.ranges.length, closed: settled.length, open: 0, halted: 0 },
    offsets,
    completedAt,
    ...omitUndefined({ cancelled }),
  };
}

interface OpenRequest {
  readonly ledger: RangeLedger<never>;
  readonly request: ReprocessRequest;
  readonly now: number;
}

async function openStatus(open: OpenRequest, progress: ReprocessProgress): Promise<RequestStatus> {
  const { request } = open;
  const { settled, cancelled } = progress;
  const states = await mapConcurrently(progress.open, MAX_CONCURRENT_LEDGER_CALLS, (index) => stateOf(open, index));
  const byIndex = new Map(progress.open.map((index, position) => [index, states[position]?.records ?? []]));
  const unsettled = states.flatMap(({ state }) => (state.kind === "settled" ? [] : [state]));
  const records = unsettled.flatMap((state) => (state.kind === "unseen" ? [] : [state.record]));
  const halted = records.filter(isHalted);
  return {
    ...namesOf(request),
    state: cancelled === undefined ? "open" : "cancelling",
    ranges: {
      total: request.ranges.length,
      closed: settled.length + states.length - unsettled.length,
      open: unsettled.length - halted.length,
      halted: halted.length,
    },
    offsets: accountRequest(request, progress, (index) => byIndex.get(index)),
    ...(records.length === 0 ? {} : { oldestOpenAt: Math.min(...records.map(({ plannedAt }) => plannedAt)) }),
    ...omitUndefined({ cancelled }),
    ...(halted.length === 0 ? {} : { haltedRanges: halted }),
  };
}

async function stateOf(
  { ledger, request: { pipeline, requestId, ranges }, now }: OpenRequest,
  index: number,
): Promise<{ readonly state: PlannedState; readonly records: readonly RangeRecord[] }> {
  const range = ranges[index];
  if (range === undefined) {
    return { state: { kind: "settled" }, records: [] };
  }
  const { topicId, partition } = range;
  const records = await Array.fromAsync(ledger.rangesWithin({ pipeline, topicId, partition, requestId }, range));
  return { state: plannedStateOf(range, records, now), records };
}

function namesOf({ pipeline, requestId, requestedAt }: ReprocessRequest) {
  return { pipeline, requestId, requestedAt };
}
