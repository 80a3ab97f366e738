import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange, type OffsetRange, recordCount } from "../../../shared/core/range/offset-range.ts";
import {
  type OperatorAct,
  type RangeRecord,
  type RangeStatus,
  unprocessedPart,
} from "../../../shared/core/range/range-record.ts";

/** What of a range was never processed. */
export interface UnprocessedRange extends OffsetRange {
  readonly pipeline: string;
  readonly requestId?: string;
  readonly status: RangeStatus;
  /** The last one: who let it go where it is SKIPPED, else who retried it before that. */
  readonly operator?: OperatorAct;
}

/** One range at most. */
export function unprocessedOf(record: RangeRecord): readonly UnprocessedRange[] {
  const part = unprocessedPart(record);
  if (part === undefined) {
    return [];
  }
  const { status, operator, chain } = record;
  const { pipeline, requestId } = chain;
  return [
    {
      ...part,
      pipeline,
      ...omitUndefined({ requestId }),
      status,
      ...omitUndefined({ operator }),
    },
  ];
}

export function describeUnprocessed({ status, operator, ...range }: UnprocessedRange): string {
  const who = operator === undefined ? "" : describeAct(status, operator);
  return `${status}: ${recordCount(range)} offsets not processed: ${formatOffsetRange(range)}${who}`;
}

/** Only an operator skips. What was lost or quarantined was so by a policy of the pipeline, and the operator retried it earlier. */
function describeAct(status: RangeStatus, { by, at, reason }: OperatorAct): string {
  const when = new Date(at).toISOString();
  return status === "SKIPPED" ? `, by ${by} at ${when}: ${reason}` : `; retried before by ${by} at ${when}: ${reason}`;
}
