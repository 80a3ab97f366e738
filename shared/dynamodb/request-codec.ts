// Request codec
//
// A reprocess request as one item. A range is `<topic's index>:<partition>:<from>:<until>`,
// so that thousands of them fit.

import { ConfigurationError } from "../core/errors.ts";
import { EXPIRY_ATTRIBUTE, PARTITION_KEY, SORT_KEY } from "../core/ledger-table.ts";
import { MAX_ITEM_BYTES } from "../core/limits.ts";
import type { ReprocessRange, ReprocessRequest } from "../core/range-ledger.ts";
import { number, openItem, SCHEMA_VERSION } from "./item-codec.ts";
import type { ItemReader } from "./item-reader.ts";
import { itemBytes } from "./item-size.ts";
import { type Item, requestKey } from "./keys.ts";

export function encodeRequest(request: ReprocessRequest): Item {
  const topics = [...new Map(request.ranges.map(({ topicId, topic }) => [topicId, topic]))];
  const indexes = new Map(topics.map(([topicId], index) => [topicId, index]));
  const item: Item = {
    ...requestKey(request.pipeline, request.requestId),
    schema: number(SCHEMA_VERSION),
    requestedAt: number(request.requestedAt),
    payload: { S: request.payload },
    topics: { L: topics.map(([topicId, topic]) => ({ M: { topicId: { S: topicId }, topic: { S: topic } } })) },
    ranges: {
      S: request.ranges
        .map((range) => [indexes.get(range.topicId), range.partition, range.fromOffset, range.untilOffset].join(":"))
        .join(","),
    },
    ...(request.completedAt === undefined ? {} : { completedAt: number(request.completedAt) }),
  };
  const bytes = itemBytes(item);
  if (bytes > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `reprocess request ${request.requestId} needs ${bytes} bytes for its ${request.ranges.length} ranges, the ledger holds ${MAX_ITEM_BYTES}; split it into several requests`,
    );
  }
  return item;
}

export function decodeRequest(item: Item): ReprocessRequest {
  const reader = openItem(item);
  const [, pipeline = ""] = reader.text(PARTITION_KEY).split("#");
  // The ledger's business alone, not the request's.
  reader.optionalInteger(EXPIRY_ATTRIBUTE);
  const completedAt = reader.optionalInteger("completedAt");
  const topics = reader.maps("topics").map((topic) => ({ topicId: topic.text("topicId"), topic: topic.text("topic") }));
  const request = {
    pipeline,
    requestId: reader.text(SORT_KEY),
    requestedAt: reader.integer("requestedAt"),
    payload: reader.text("payload"),
    ranges: reader
      .text("ranges")
      .split(",")
      .map((text) => decodeRange(reader, text, topics)),
    ...(completedAt === undefined ? {} : { completedAt }),
  };
  reader.close();
  return request;
}

function decodeRange(
  reader: ItemReader,
  text: string,
  topics: readonly Pick<ReprocessRange, "topicId" | "topic">[],
): ReprocessRange {
  const [, index, partition, fromOffset, untilOffset] = /^(\d+):(\d+):(\d+):(\d+)$/.exec(text) ?? [];
  const topic = topics[Number(index)];
  if (topic === undefined || fromOffset === undefined || untilOffset === undefined) {
    throw reader.error(`${JSON.stringify(text)} is not one of its ranges`);
  }
  return {
    ...topic,
    partition: Number(partition),
    fromOffset: BigInt(fromOffset),
    untilOffset: BigInt(untilOffset),
  };
}
