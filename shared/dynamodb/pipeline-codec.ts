// Pipeline codec
//
// The pipeline's record as one item. Its partitions are kept as intervals, since a
// topic of ten thousand partitions is one of them: `0-9999`. The starts of those that
// are about to begin are kept beside them, a run of equal ones once: `0*9998,17,pending`.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DrainRecord } from "../core/drain.ts";
import { ConfigurationError } from "../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../core/ledger-table.ts";
import { MAX_ITEM_BYTES, MAX_PARTITIONS } from "../core/limits.ts";
import type { PipelineRecord, StartingPartition, StartingTopic } from "../core/range-ledger.ts";
import { number, openItem, SCHEMA_VERSION } from "./item-codec.ts";
import type { ItemReader } from "./item-reader.ts";
import { itemBytes } from "./item-size.ts";
import { type Item, pipelineKey } from "./keys.ts";
import { decodePause, encodePause } from "./pause-codec.ts";
import { decodeRate, encodeRate } from "./rate-codec.ts";

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
      L: record.topics.map(({ topicId, topic, partitions, endedAt }) => ({
        M: {
          topicId: { S: topicId },
          topic: { S: topic },
          partitions: { S: encodeIntervals(partitions) },
          ...(endedAt === undefined ? {} : { endedAt: number(endedAt) }),
        },
      })),
    },
    ...(record.starting === undefined ? {} : { starting: { L: record.starting.map(encodeStarting) } }),
    ...(record.drain === undefined ? {} : { drain: encodeDrain(record.drain) }),
    ...(record.rate === undefined ? {} : { rate: encodeRate(record.rate) }),
    ...(record.pauses === undefined ? {} : { pauses: { L: record.pauses.map(encodePause) } }),
  };
  const bytes = itemBytes(item);
  if (bytes > MAX_ITEM_BYTES) {
    throw new ConfigurationError(
      `the record of pipeline ${record.pipeline}, of ${record.topics.length} topics started, ${record.starting?.length ?? 0} starting and ${record.pauses?.length ?? 0} pauses, would have ${bytes} bytes, more than ${MAX_ITEM_BYTES}; give some of the topics a pipeline of their own, or pause the whole pipeline instead of its partitions`,
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
      ...(topic.has("endedAt") ? { endedAt: topic.integer("endedAt") } : {}),
    })),
    ...(reader.has("starting") ? { starting: reader.maps("starting").map(decodeStarting) } : {}),
    ...(reader.has("drain") ? { drain: decodeDrain(reader.map("drain")) } : {}),
    ...(reader.has("rate") ? { rate: decodeRate(reader.map("rate")) } : {}),
    ...(reader.has("pauses") ? { pauses: reader.maps("pauses").map(decodePause) } : {}),
  };
  const writeId = reader.text("writeId");
  reader.close();
  return { record, writeId };
}

function encodeStarting({ partitions, ...names }: StartingTopic): AttributeValue {
  const offsets = partitions.map(({ partition, start }) => ({ partition, offset: start }));
  return encodeOffsets({ ...names, offsets }, "starts");
}

function decodeStarting(reader: ItemReader): StartingTopic {
  const { offsets, ...names } = decodeOffsets(reader, "starts");
  return { ...names, partitions: offsets.map(({ partition, offset }) => ({ partition, start: offset })) };
}

function encodeDrain({ drainId, pinnedAt, topics, completedAt }: DrainRecord): AttributeValue {
  const pins = topics.map(({ partitions, ...names }) => {
    const offsets = partitions.map(({ partition, untilOffset }) => ({ partition, offset: untilOffset }));
    return encodeOffsets({ ...names, offsets }, "ends");
  });
  return {
    M: {
      drainId: { S: drainId },
      pinnedAt: number(pinnedAt),
      topics: { L: pins },
      ...(completedAt === undefined ? {} : { completedAt: number(completedAt) }),
    },
  };
}

function decodeDrain(reader: ItemReader): DrainRecord {
  const topics = reader.maps("topics").map((topic) => {
    const { offsets, ...names } = decodeOffsets(topic, "ends");
    const partitions = offsets.map(({ partition, offset }) => {
      if (offset === "pending") {
        throw topic.error("an end is pending");
      }
      return { partition, untilOffset: offset };
    });
    return { ...names, partitions };
  });
  const completedAt = reader.optionalInteger("completedAt");
  const drain = {
    drainId: reader.text("drainId"),
    pinnedAt: reader.integer("pinnedAt"),
    topics,
    ...(completedAt === undefined ? {} : { completedAt }),
  };
  reader.close();
  return drain;
}

/** One offset for each of a topic's partitions. */
interface TopicOffsets {
  readonly topicId: string;
  readonly topic: string;
  readonly offsets: readonly { readonly partition: number; readonly offset: StartingPartition["start"] }[];
}

function encodeOffsets({ topicId, topic, offsets }: TopicOffsets, name: "starts" | "ends"): AttributeValue {
  return {
    M: {
      topicId: { S: topicId },
      topic: { S: topic },
      partitions: { S: encodeIntervals(offsets.map(({ partition }) => partition)) },
      [name]: { S: encodeStarts(offsets.map(({ offset }) => offset)) },
    },
  };
}

function decodeOffsets(reader: ItemReader, name: "starts" | "ends"): TopicOffsets {
  const numbers = decodeIntervals(reader.text("partitions"));
  const text = reader.text(name);
  const values = decodeStarts(text);
  const offsets = numbers.flatMap((partition, index) => {
    const offset = values[index];
    return offset === undefined ? [] : [{ partition, offset }];
  });
  if (offsets.length !== values.length || values.length !== numbers.length) {
    throw reader.error(`${name} ${text} are not one for each of ${numbers.length} partitions`);
  }
  const topic = { topicId: reader.text("topicId"), topic: reader.text("topic"), offsets };
  reader.close();
  return topic;
}

/** `[0n, 0n, 0n, "pending"]` as `0*3,pending`. */
export function encodeStarts(starts: readonly StartingPartition["start"][]): string {
  const runs: { start: StartingPartition["start"]; count: number }[] = [];
  for (const start of starts) {
    const current = runs.at(-1);
    if (current?.start === start) {
      current.count += 1;
    } else {
      runs.push({ start, count: 1 });
    }
  }
  return runs.map(({ start, count }) => (count === 1 ? `${start}` : `${start}*${count}`)).join(",");
}

export function decodeStarts(text: string): readonly StartingPartition["start"][] {
  return text.split(",").flatMap((run) => {
    const [, start, count = "1"] = /^(\d{1,19}|pending)(?:\*(\d{1,10}))?$/.exec(run) ?? [];
    if (start === undefined || Number(count) > MAX_PARTITIONS) {
      return [];
    }
    return Array.from({ length: Number(count) }, () => (start === "pending" ? start : BigInt(start)));
  });
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
