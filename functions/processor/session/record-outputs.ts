// Record outputs
//
// Outputs that are known by the record they are of, and how they are cut into transactions.
//
//   RW1  A transaction has all outputs of a record or none, and covers the records in order: what
//        takes effect is what it would be if each record were written alone, one after the other.
//   RW2  What a transaction refuses of several records is written in several of them. Where to cut
//        is read off the refusal, so that nothing has to be known of the tables beforehand.
//   RW3  What is wrong with the outputs of one record fails at that record, all before it written.

import {
  InvalidOutputError,
  OutputLimitError,
  OutputRefusedError,
  RepeatedItemError,
} from "../../../shared/core/errors.ts";
import type { RangeCounts } from "../../../shared/core/range/range-record.ts";

export interface RecordOutputs<Output> {
  readonly offset: bigint;
  readonly outputs: readonly Output[];
  /** Of the offsets up to this one. */
  readonly countsBelow: RangeCounts;
}

/** A refusal, and the one record whose outputs are refused. */
export interface RecordRefusal {
  readonly error: unknown;
  readonly offset: bigint;
}

/**
 * Writes the records' outputs in order, in as few transactions as they take. `write` resolves once its part is written;
 * the last part alone is `isLast`. Throws what `write` does of what cannot be cut, after `onRefused` was told.
 */
export async function writeInParts<Output>(
  records: readonly RecordOutputs<Output>[],
  write: (part: readonly RecordOutputs<Output>[], isLast: boolean) => Promise<void>,
  onRefused: (refusal: RecordRefusal) => void,
): Promise<void> {
  const parts = [records];
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    try {
      await write(part, parts.length === 0);
    } catch (error) {
      const at = whereToCut(part, error);
      if (at === undefined || at === 0) {
        if (at === 0 && part[0] !== undefined) {
          onRefused({ error, offset: part[0].offset });
        }
        throw error;
      }
      // Each part is shorter than the one that it comes of, so that there is an end to them.
      parts.unshift(part.slice(0, at), part.slice(at));
    }
  }
}

/** The index of the record that begins another part; 0 where the first one is to blame, undefined where none is. */
function whereToCut<Output>(part: readonly RecordOutputs<Output>[], error: unknown): number | undefined {
  if (error instanceof RepeatedItemError) {
    return recordOfOutput(part, error.outputIndexes[1]);
  }
  if (error instanceof OutputRefusedError) {
    return recordOfOutput(part, error.outputIndex);
  }
  if (error instanceof InvalidOutputError && error.outputIndex !== undefined) {
    return recordOfOutput(part, error.outputIndex);
  }
  // Which one it is, or how many fit, is not said.
  return error instanceof InvalidOutputError || error instanceof OutputLimitError
    ? Math.floor(part.length / 2)
    : undefined;
}

function recordOfOutput<Output>(part: readonly RecordOutputs<Output>[], outputIndex: number): number | undefined {
  let end = 0;
  const index = part.findIndex(({ outputs }) => {
    end += outputs.length;
    return outputIndex < end;
  });
  return index < 0 ? undefined : index;
}
