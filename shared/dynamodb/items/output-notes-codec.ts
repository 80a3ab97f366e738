// Output notes codec
//
// What outputs have a range remember, and which of its records were rejected. Work that is prepared
// is critical (IC6): code that does not know of it would do the same again beside it. The rejected
// offsets are not: the counts tell where older code has passed some without a word (RJ2).

import { CRITICAL_ATTRIBUTE } from "../../core/ledger/ledger-table.ts";
import { decodeOffsets, encodeOffsets, type OffsetList } from "../../core/offsets/offset-list.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { PreparedWork, RangeRecord } from "../../core/range/range-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import type { Item } from "./attributes/keys.ts";
import { number, optionalNumbers } from "./attributes/numbers.ts";
import { decodeCounts, encodeCounts } from "./counts-codec.ts";

export const PREPARED_ATTRIBUTE = "prepared";
export const RECEIPTS_ATTRIBUTE = "receipts";
/** Of rejectedOffsets, of a range and of work that is prepared: bytes as offset-list.ts has them. */
export const REJECTED_ATTRIBUTE = "rejected";

type OutputNotes = Pick<RangeRecord, "prepared" | "receipts" | "rejectedOffsets">;
type NotedRange = OutputNotes & Pick<RangeRecord, "fromOffset" | "committedOffset">;

export function encodeOutputNotes({ prepared, receipts, rejectedOffsets, ...range }: NotedRange): Item {
  return {
    ...(prepared === undefined
      ? {}
      : {
          [PREPARED_ATTRIBUTE]: { M: encodeWork(prepared, range.committedOffset) },
          [CRITICAL_ATTRIBUTE]: { SS: [PREPARED_ATTRIBUTE] },
        }),
    ...(receipts === undefined ? {} : { [RECEIPTS_ATTRIBUTE]: { L: receipts.map((S) => ({ S })) } }),
    ...encodeRejected(rejectedOffsets, range.fromOffset),
  };
}

/** Of the range at these offsets. */
export function decodeOutputNotes(
  reader: ItemReader,
  { fromOffset, committedOffset }: Pick<RangeRecord, "fromOffset" | "committedOffset">,
): OutputNotes {
  return {
    ...(reader.has(PREPARED_ATTRIBUTE)
      ? { prepared: decodeWork(reader.map(PREPARED_ATTRIBUTE), committedOffset) }
      : {}),
    ...(reader.has(RECEIPTS_ATTRIBUTE) ? { receipts: reader.texts(RECEIPTS_ATTRIBUTE) } : {}),
    ...decodeRejected(reader, fromOffset),
  };
}

function encodeRejected(list: OffsetList | undefined, fromOffset: bigint): Item {
  return list === undefined ? {} : { [REJECTED_ATTRIBUTE]: { B: encodeOffsets(list, fromOffset) } };
}

function decodeRejected(reader: ItemReader, fromOffset: bigint): Pick<RangeRecord, "rejectedOffsets"> {
  if (!reader.has(REJECTED_ATTRIBUTE)) {
    return {};
  }
  const rejectedOffsets = decodeOffsets(reader.bytes(REJECTED_ATTRIBUTE), fromOffset);
  if (rejectedOffsets === undefined) {
    throw reader.error(`attribute ${REJECTED_ATTRIBUTE} is no list of offsets`);
  }
  return { rejectedOffsets };
}

/** Its offsets are told from where the range is committed. */
function encodeWork(work: PreparedWork, fromOffset: bigint): Item {
  const { untilOffset, counts, rejectedOffsets, leaderEpoch, output, memo } = work;
  return {
    ...encodeRejected(rejectedOffsets, fromOffset),
    untilOffset: number(untilOffset),
    counts: { M: encodeCounts(counts) },
    output: { S: output },
    memo: { S: memo },
    ...optionalNumbers({ leaderEpoch }),
  };
}

function decodeWork(reader: ItemReader, fromOffset: bigint): PreparedWork {
  const counts = reader.map("counts");
  const work = {
    untilOffset: reader.bigint("untilOffset"),
    counts: decodeCounts(counts),
    output: reader.text("output"),
    memo: reader.text("memo"),
    ...decodeRejected(reader, fromOffset),
    ...omitUndefined({ leaderEpoch: reader.optionalInteger("leaderEpoch") }),
  };
  counts.close();
  reader.close();
  return work;
}
