// Pipeline codec
//
// The pipeline's record as one item. Its partitions are kept as intervals, since a
// topic of ten thousand partitions is one of them: `0-9999`.

import { ConfigurationError } from "../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../core/ledger-table.ts";
import { MAX_ITEM_BYTES } from "../core/limits.ts";
import type { PipelineRecord } from "../core/range-ledger.ts";
import { number, openItem, SCHEMA_VERSION } from "./item-codec.ts";
import { itemBytes } from "./item-size.ts";
import { type Item, pipelineKey } from "./keys.ts";

/** A pipeline's record with the name of the write that stored it. */
export interface StoredPipeline {
  readonly record: PipelineRecord;
  readonly writeId: string;
}

export function encodePipeline({ record, writeId }: StoredPipeline): Item {
  const item: Item = {
    ...pipelineKey(record.pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(record.revision),
    writeId: { S: writeId },
    startedAt: number(record.startedAt),
    topics: {
      L: record.topics.map(({ topicId, topic, partitions }) => ({
        M: { topicId: { S: topicId }, topic: { S: topic }, partitions: { S: encodeIntervals(partitions) } },
      })),
    },
  };
  if (itemBytes(item) > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `pipeline ${record.pipeline} has started on ${record.topics.length} topics, more than its record of ${MAX_ITEM_BYTES} bytes holds; give some of them a pipeline of their own`,
    );
  }
  return item;
}

export function decodePipeline(item: Item): StoredPipeline {
  const reader = openItem(item);
  reader.text(PARTITION_KEY);
  const record = {
    pipeline: reader.text(SORT_KEY),
    revision: reader.integer("revision"),
    startedAt: reader.integer("startedAt"),
    topics: reader.maps("topics").map((topic) => ({
      topicId: topic.text("topicId"),
      topic: topic.text("topic"),
      partitions: decodeIntervals(topic.text("partitions")),
    })),
  };
  const writeId = reader.text("writeId");
  reader.close();
  return { record, writeId };
}

/** `[0, 1, 2, 5]` as `0-2,5`; the numbers ascend. */
export function encodeIntervals(ascending: readonly number[]): string {
  const intervals: { first: number; last: number }[] = [];
  for (const value of ascending) {
    const current = intervals.at(-1);
    if (current !== undefined && current.last + 1 === value) {
      current.last = value;
    } else {
      intervals.push({ first: value, last: value });
    }
  }
  return intervals.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`)).join(",");
}

export function decodeIntervals(text: string): readonly number[] {
  if (text === "") {
    return [];
  }
  return text.split(",").flatMap((interval) => {
    const [first, last = first] = interval.split("-").map(Number);
    return first === undefined || last === undefined
      ? []
      : Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}
