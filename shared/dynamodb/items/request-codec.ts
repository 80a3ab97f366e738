// Request codec
//
// A reprocess request as one item. Ranges of a partition that join are one entry,
// `<topic's index>:<partition>:<from>+<length>*<count>+<length>…`, so that what one
// long range was split into takes no more room than itself.
//
//   RC1  What is decoded is what was encoded, range by range.
//   RC2  An item of an earlier layout, `<topic's index>:<partition>:<from>:<until>` by
//        range, is read as well.

import type { ResolvedRange } from "../../core/choice/resolve-choice.ts";
import { ConfigurationError } from "../../core/errors.ts";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../../core/ledger/ledger-table.ts";
import type { ReprocessCompletion, ReprocessRequest } from "../../core/ledger/reprocess-request.ts";
import { DEFAULT_MAX_CONCURRENT_RANGES, MAX_SPLIT_RANGES } from "../../core/limits.ts";
import { recordCount } from "../../core/range/offset-range.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { itemBytes } from "./attributes/item-size.ts";
import { type Item, requestKey } from "./attributes/keys.ts";
import { number } from "./attributes/numbers.ts";
import { openItem, SCHEMA_VERSION } from "./item-codec.ts";
import { MAX_ITEM_BYTES } from "./limits.ts";
import { decodeOperator, encodeOperator } from "./note-codec.ts";
import { decodeOutcomes, encodeOutcomes } from "./outcome-codec.ts";
import { decodeIntervals, encodeIntervals } from "./partition-codec.ts";

export function encodeRequest(request: ReprocessRequest): Item {
  const topics = [...new Map(request.ranges.map(({ topicId, topic }) => [topicId, topic]))];
  const item: Item = {
    ...requestKey(request.pipeline, request.requestId),
    schema: number(SCHEMA_VERSION),
    requestedAt: number(request.requestedAt),
    payload: { S: request.payload },
    maxConcurrentRanges: number(request.maxConcurrentRanges),
    isOrdered: { BOOL: request.isOrdered },
    topics: { L: topics.map(([topicId, topic]) => ({ M: { topicId: { S: topicId }, topic: { S: topic } } })) },
    ranges: { S: encodeRanges(request.ranges, new Map(topics.map(([topicId], index) => [topicId, index]))) },
    ...(request.completion === undefined ? {} : encodeCompletion(request.completion)),
  };
  const bytes = itemBytes(item);
  if (bytes > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `reprocess request ${request.requestId} needs ${bytes} bytes for its ${request.ranges.length} ranges, the ledger holds ${MAX_ITEM_BYTES}; split it into several requests`,
    );
  }
  return item;
}

/** The attributes that a request gets when it is completed, its expiry aside. */
export function encodeCompletion({ completedAt, settled, outcomes, cancelled }: ReprocessCompletion): Item {
  return {
    completedAt: number(completedAt),
    settled: { S: encodeIntervals(settled) },
    ...encodeOutcomes(outcomes),
    ...(cancelled === undefined ? {} : { cancelled: encodeOperator(cancelled) }),
  };
}

export function decodeRequest(item: Item): ReprocessRequest {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  // The ledger's business alone, not the request's.
  reader.optionalInteger(EXPIRY_ATTRIBUTE);
  const topics = reader.maps("topics").map((topic) => ({ topicId: topic.text("topicId"), topic: topic.text("topic") }));
  const ranges = decodeRanges(reader, reader.text("ranges"), topics);
  const request = {
    pipeline,
    requestId: reader.text(SORT_KEY),
    requestedAt: reader.integer("requestedAt"),
    payload: reader.text("payload"),
    maxConcurrentRanges: reader.optionalInteger("maxConcurrentRanges") ?? DEFAULT_MAX_CONCURRENT_RANGES,
    isOrdered: reader.has("isOrdered") ? reader.flag("isOrdered") : true,
    ranges,
    ...(reader.has("completedAt") ? { completion: decodeCompletion(reader, ranges.length) } : {}),
  };
  reader.closeItem();
  return request;
}

function decodeCompletion(reader: ItemReader, rangeCount: number): ReprocessCompletion {
  return {
    completedAt: reader.integer("completedAt"),
    // A request that was completed before progress was kept is completed with all its ranges.
    settled: reader.has("settled") ? decodeIntervals(reader.text("settled")) : [...Array(rangeCount).keys()],
    outcomes: decodeOutcomes(reader),
    ...(reader.has("cancelled") ? { cancelled: decodeOperator(reader.map("cancelled")) } : {}),
  };
}

interface Entry {
  readonly range: ResolvedRange;
  readonly runs: { readonly length: bigint; count: number }[];
  untilOffset: bigint;
}

function encodeRanges(ranges: readonly ResolvedRange[], indexes: ReadonlyMap<string, number>): string {
  const entries: Entry[] = [];
  for (const range of ranges) {
    const length = recordCount(range);
    const last = entries.at(-1);
    if (last === undefined || !isNext(last, range)) {
      entries.push({ range, runs: [{ length, count: 1 }], untilOffset: range.untilOffset });
      continue;
    }
    last.untilOffset = range.untilOffset;
    const run = last.runs.at(-1);
    if (run?.length === length) {
      run.count += 1;
    } else {
      last.runs.push({ length, count: 1 });
    }
  }
  return entries
    .map(({ range, runs }) => {
      const lengths = runs.map(({ length, count }) => (count === 1 ? `+${length}` : `+${length}*${count}`));
      return `${indexes.get(range.topicId)}:${range.partition}:${range.fromOffset}${lengths.join("")}`;
    })
    .join(",");
}

function isNext({ range, untilOffset }: Entry, next: ResolvedRange): boolean {
  return range.topicId === next.topicId && range.partition === next.partition && untilOffset === next.fromOffset;
}

type Topic = Pick<ResolvedRange, "topicId" | "topic">;

function decodeRanges(reader: ItemReader, text: string, topics: readonly Topic[]): readonly ResolvedRange[] {
  const ranges = text === "" ? [] : text.split(",").flatMap((entry) => decodeEntry(reader, entry, topics));
  if (ranges.length > MAX_SPLIT_RANGES) {
    throw reader.error(`it has ${ranges.length} ranges, more than ${MAX_SPLIT_RANGES}`);
  }
  return ranges;
}

function decodeEntry(reader: ItemReader, entry: string, topics: readonly Topic[]): readonly ResolvedRange[] {
  const [, index, partition, from, until, lengths] =
    /^(\d+):(\d+):(\d+)(?::(\d+)|((?:\+\d+(?:\*\d{1,6})?)+))$/.exec(entry) ?? [];
  const topic = topics[Number(index)];
  if (topic === undefined || from === undefined) {
    throw reader.error(`${JSON.stringify(entry)} is not one of its ranges`);
  }
  const place = { ...topic, partition: Number(partition) };
  let fromOffset = BigInt(from);
  if (until !== undefined) {
    return [{ ...place, fromOffset, untilOffset: BigInt(until) }];
  }
  return (lengths ?? "")
    .slice(1)
    .split("+")
    .flatMap((run) => {
      const [length = "", count = "1"] = run.split("*");
      return Array.from({ length: Number(count) }, () => {
        const range = { ...place, fromOffset, untilOffset: fromOffset + BigInt(length) };
        fromOffset = range.untilOffset;
        return range;
      });
    });
}
