import { omitUndefined } from "../../../shared/core/omit-undefined.ts";
import { formatOffsetRange, type OffsetRange, recordCount } from "../../../shared/core/range/offset-range.ts";
import {
  type OperatorAct,
  type RangeRecord,
  type RangeStatus,
  unprocessedPart,
} from "../../../shared/core/range/range-record.ts";

/** What of a range was never processed, and who let it go. */
export interface UnprocessedRange extends OffsetRange {
  readonly pipeline: string;
  readonly requestId?: string;
  readonly status: RangeStatus;
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
  const who =
    operator === undefined ? "" : `, by ${operator.by} at ${new Date(operator.at).toISOString()}: ${operator.reason}`;
  return `${status}: ${recordCount(range)} offsets not processed: ${formatOffsetRange(range)}${who}`;
}
