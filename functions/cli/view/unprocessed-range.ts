import { listNames } from "../../../shared/core/bounded-text.ts";
import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { unprocessedPart } from "../../../shared/core/range/offset-outcomes.ts";
import { formatOffsetRange, type OffsetRange, recordCount } from "../../../shared/core/range/offset-range.ts";
import type { OperatorAct, RangeRecord, RangeStatus } from "../../../shared/core/range/range-record.ts";

/** What of a range was never processed. */
export interface UnprocessedRange extends OffsetRange {
  readonly pipeline: string;
  readonly requestId?: string;
  readonly topicId: string;
  readonly status: RangeStatus;
  /** The last one: who let it go where it is SKIPPED, else who retried it before that. */
  readonly operator?: OperatorAct;
  /** Present once reprocess requests have processed all of it. */
  readonly processedBy?: readonly string[];
}

/** One range at most. */
export function unprocessedOf(record: RangeRecord): readonly UnprocessedRange[] {
  const part = unprocessedPart(record);
  if (part === undefined) {
    return [];
  }
  const { status, operator, chain } = record;
  const { pipeline, requestId, topicId } = chain;
  return [
    {
      ...part,
      pipeline,
      ...omitUndefined({ requestId }),
      topicId,
      status,
      ...omitUndefined({ operator }),
    },
  ];
}

export function describeUnprocessed({ status, operator, processedBy, ...range }: UnprocessedRange): string {
  const who = operator === undefined ? "" : describeAct(status, operator);
  const since = processedBy === undefined ? "" : `; since then processed by ${describeRequests(processedBy)}`;
  return `${status}: ${recordCount(range)} offsets not processed: ${formatOffsetRange(range)}${who}${since}`;
}

function describeRequests(ids: readonly string[]): string {
  return `request${ids.length === 1 ? "" : "s"} ${listNames(ids)}`;
}

/** Only an operator skips. What was lost or quarantined was so by a policy of the pipeline, and the operator retried it earlier. */
function describeAct(status: RangeStatus, { by, at, reason }: OperatorAct): string {
  const when = new Date(at).toISOString();
  return status === "SKIPPED" ? `, by ${by} at ${when}: ${reason}` : `; retried before by ${by} at ${when}: ${reason}`;
}
