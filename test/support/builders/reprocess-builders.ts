// Builders of reprocess payloads and requests with full defaults.

import type { SplitRules } from "../../../shared/core/choice/cut-pieces.ts";
import type {
  ReprocessPacing,
  ReprocessPayload,
  ReprocessRequest,
} from "../../../shared/core/ledger/reprocess-request.ts";
import { formatOffsetRange, type OffsetRange } from "../../../shared/core/range/offset-range.ts";
import { START } from "../fake-clock.ts";
import { aRange, ORDERS_ID } from "./builders.ts";

export interface PayloadOptions {
  readonly pacing?: Partial<ReprocessPacing>;
  readonly split?: SplitRules;
}

export const PACING: ReprocessPacing = { maxConcurrentRanges: 16, isOrdered: true };

export function aReprocessPayload(
  requestId: string,
  ranges: readonly OffsetRange[],
  { pacing = {}, split = {} }: PayloadOptions = {},
): ReprocessPayload {
  return {
    requestId,
    fingerprint: ranges.map(formatOffsetRange).join(),
    target: { kind: "ranges", ranges },
    split,
    pacing: { ...PACING, ...pacing },
    isDryRun: false,
  };
}

export function aReprocessRequest(overrides: Partial<ReprocessRequest> = {}): ReprocessRequest {
  return {
    pipeline: "word-count",
    requestId: "again-1",
    requestedAt: START,
    payload: "fingerprint",
    ranges: [{ topicId: ORDERS_ID, ...aRange() }],
    ...PACING,
    ...overrides,
  };
}
