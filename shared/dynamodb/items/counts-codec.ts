import type { RangeCounts } from "../../core/range/range-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import type { Item } from "./attributes/keys.ts";
import { number, optionalNumbers } from "./attributes/numbers.ts";

export function encodeCounts({ delivered, aborted, control, bytes, rejected }: RangeCounts): Item {
  return {
    ...optionalNumbers({ rejected }),
    delivered: number(delivered),
    aborted: number(aborted),
    control: number(control),
    bytes: number(bytes),
  };
}

export function decodeCounts(reader: ItemReader): RangeCounts {
  return {
    delivered: reader.bigint("delivered"),
    aborted: reader.bigint("aborted"),
    control: reader.bigint("control"),
    bytes: reader.bigint("bytes"),
    ...(reader.has("rejected") ? { rejected: reader.bigint("rejected") } : {}),
  };
}
