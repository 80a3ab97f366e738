// Output notes codec
//
// What outputs have a range remember. Work that is prepared is critical (IC6): code that does
// not know of it would do the same again beside it.

import { CRITICAL_ATTRIBUTE } from "../../core/ledger/ledger-table.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { PreparedWork, RangeRecord } from "../../core/range/range-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import type { Item } from "./attributes/keys.ts";
import { number, optionalNumbers } from "./attributes/numbers.ts";
import { decodeCounts, encodeCounts } from "./counts-codec.ts";

export const PREPARED_ATTRIBUTE = "prepared";
export const RECEIPTS_ATTRIBUTE = "receipts";

type OutputNotes = Pick<RangeRecord, "prepared" | "receipts">;

export function encodeOutputNotes({ prepared, receipts }: OutputNotes): Item {
  return {
    ...(prepared === undefined
      ? {}
      : { [PREPARED_ATTRIBUTE]: { M: encodeWork(prepared) }, [CRITICAL_ATTRIBUTE]: { SS: [PREPARED_ATTRIBUTE] } }),
    ...(receipts === undefined ? {} : { [RECEIPTS_ATTRIBUTE]: { L: receipts.map((S) => ({ S })) } }),
  };
}

export function decodeOutputNotes(reader: ItemReader): OutputNotes {
  return {
    ...(reader.has(PREPARED_ATTRIBUTE) ? { prepared: decodeWork(reader.map(PREPARED_ATTRIBUTE)) } : {}),
    ...(reader.has(RECEIPTS_ATTRIBUTE) ? { receipts: reader.texts(RECEIPTS_ATTRIBUTE) } : {}),
  };
}

function encodeWork({ untilOffset, counts, leaderEpoch, output, memo }: PreparedWork): Item {
  return {
    untilOffset: number(untilOffset),
    counts: { M: encodeCounts(counts) },
    output: { S: output },
    memo: { S: memo },
    ...optionalNumbers({ leaderEpoch }),
  };
}

function decodeWork(reader: ItemReader): PreparedWork {
  const counts = reader.map("counts");
  const work = {
    untilOffset: reader.bigint("untilOffset"),
    counts: decodeCounts(counts),
    output: reader.text("output"),
    memo: reader.text("memo"),
    ...omitUndefined({ leaderEpoch: reader.optionalInteger("leaderEpoch") }),
  };
  counts.close();
  reader.close();
  return work;
}
