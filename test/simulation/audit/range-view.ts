import type { DeadLetter } from "../../../shared/core/failure/dead-letter.ts";
import { PARTITION_KEY, SORT_KEY } from "../../../shared/core/ledger/ledger-table.ts";
import type { Item } from "../table/expressions.ts";

/** A range's item as the audit reads it: by its attributes, without the code that it audits. */
export interface RangeView {
  readonly chain: string;
  readonly topicId: string;
  readonly partition: number;
  /** Of a reprocess request; undefined for a live range. */
  readonly requestId: string | undefined;
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly committedOffset: bigint;
  readonly status: string;
  readonly leaseOwner: string | undefined;
  readonly leaseCounter: number;
  readonly leaseExpiresAt: number;
  readonly dispatchedAt: number;
  /** The record that an operator gives up. */
  readonly skipOffset: bigint | undefined;
  readonly nextAttemptAt: number;
  readonly expiresAt: number | undefined;
  readonly accounted: bigint;
  readonly rejected: bigint;
  /** Ascending. */
  readonly rejectedOffsets: readonly bigint[];
}

const OPEN = new Set(["PLANNED", "RUNNING", "FAILED"]);

/** Undefined for an item that is no range. */
export function viewRange(item: Item | undefined): RangeView | undefined {
  const [, , , topicId, partition, sortTail] = placeOf(item) ?? [];
  if (item === undefined || topicId === undefined) {
    return undefined;
  }
  const number = (name: string) => Number(item[name]?.N ?? 0);
  const requestId = /#reprocess#(.+)$/.exec(item[PARTITION_KEY]?.S ?? "")?.[1];
  const counts = item["counts"]?.M ?? {};
  return {
    chain: `${requestId ?? "live"} ${topicId}-${Number(partition)}`,
    topicId,
    partition: Number(partition),
    requestId,
    fromOffset: BigInt(sortTail ?? 0),
    untilOffset: BigInt(item["untilOffset"]?.N ?? 0),
    committedOffset: BigInt(item["committedOffset"]?.N ?? 0),
    status: item["status"]?.S ?? "",
    leaseOwner: item["leaseOwner"]?.S,
    leaseCounter: number("leaseCounter"),
    leaseExpiresAt: number("leaseExpiresAt"),
    dispatchedAt: number("dispatchedAt"),
    skipOffset: item["bad"] === undefined ? undefined : BigInt(item["bad"].N ?? 0),
    nextAttemptAt: number("nextAttemptAt"),
    expiresAt: item["expiresAt"] === undefined ? undefined : number("expiresAt") * 1_000,
    accounted: ["delivered", "aborted", "control"].reduce((sum, name) => sum + BigInt(counts[name]?.N ?? 0), 0n),
    rejected: BigInt(counts["rejected"]?.N ?? 0),
    rejectedOffsets: readOffsets(item["rejected"]?.B ?? new Uint8Array(), BigInt(sortTail ?? 0)),
  };
}

/** Where a letter is, of a range like it or of its chain. */
export function letterNameOf({ chain, offset }: Pick<DeadLetter, "chain" | "offset">): string {
  return `${chain.requestId ?? "live"} ${chain.topicId}-${chain.partition}/${offset}`;
}

/** As the header of offset-list.ts has them, for offsets that a number holds exactly. */
function readOffsets(bytes: Uint8Array, fromOffset: bigint): readonly bigint[] {
  const numbers: number[] = [];
  let scale = 1;
  for (const byte of bytes) {
    const before = scale === 1 ? 0 : (numbers.pop() ?? 0);
    numbers.push(before + (byte % 128) * scale);
    scale = byte < 128 ? 1 : scale * 128;
  }
  const offsets: bigint[] = [];
  let next = fromOffset;
  for (let at = 0; at < numbers.length; at += 1) {
    const begin = numbers[at] ?? 0;
    next += BigInt(Math.floor(begin / 2));
    at += begin % 2;
    for (let left = begin % 2 === 0 ? 1 : (numbers[at] ?? 0); left > 0; left -= 1) {
      offsets.push(next);
      next += 1n;
    }
  }
  return offsets;
}

export function isOpen({ status }: RangeView): boolean {
  return OPEN.has(status);
}

function placeOf(item: Item | undefined): RegExpExecArray | null {
  const key = `${item?.[PARTITION_KEY]?.S}/${item?.[SORT_KEY]?.S}`;
  return (
    /^v1#([^#]+)(#)([0-9a-f-]{36})#(\d+)\/(\d{19})$/.exec(key) ??
    /^v1#([^#]+)(#reprocess#[^#]+\/)([0-9a-f-]{36})#(\d+)#(\d{19})$/.exec(key)
  );
}
