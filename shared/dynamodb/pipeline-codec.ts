// Pipeline codec
//
// The pipeline's record as one item. Its partitions are kept as intervals, since a
// topic of ten thousand partitions is one of them: `0-9999`. The starts of those that
// are about to begin are kept beside them, a run of equal ones once: `0*9998,17,pending`.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ConfigurationError } from "../core/errors.ts";
import type { RateState } from "../core/estimate-rate.ts";
import { PARTITION_KEY, SORT_KEY } from "../core/ledger-table.ts";
import { MAX_ITEM_BYTES, MAX_PARTITIONS } from "../core/limits.ts";
import type { PipelineRecord, StartingPartition, StartingTopic } from "../core/range-ledger.ts";
import { number, openItem, SCHEMA_VERSION } from "./item-codec.ts";
import type { ItemReader } from "./item-reader.ts";
import { itemBytes } from "./item-size.ts";
import { type Item, pipelineKey } from "./keys.ts";
import { decodePause, encodePause } from "./pause-codec.ts";

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
    ...(reader.has("rate") ? { rate: decodeRate(reader.map("rate")) } : {}),
    ...(reader.has("pauses") ? { pauses: reader.maps("pauses").map(decodePause) } : {}),
  };
  const writeId = reader.text("writeId");
  reader.close();
  return { record, writeId };
}

function encodeRate({ latestTime, latestRate, latestError }: RateState): AttributeValue {
  return {
    M: {
      latestTime: number(latestTime),
      latestRate: number(latestRate),
      ...(latestError === undefined ? {} : { latestError: number(latestError) }),
    },
  };
}

function decodeRate(reader: ItemReader): RateState {
  const rate = {
    latestTime: reader.integer("latestTime"),
    latestRate: reader.double("latestRate"),
    ...(reader.has("latestError") ? { latestError: reader.double("latestError") } : {}),
  };
  reader.close();
  return rate;
}

function encodeStarting({ topicId, topic, partitions }: StartingTopic): AttributeValue {
  return {
    M: {
      topicId: { S: topicId },
      topic: { S: topic },
      partitions: { S: encodeIntervals(partitions.map(({ partition }) => partition)) },
      starts: { S: encodeStarts(partitions.map(({ start }) => start)) },
    },
  };
}

function decodeStarting(topic: ItemReader): StartingTopic {
  const numbers = decodeIntervals(topic.text("partitions"));
  const text = topic.text("starts");
  const starts = decodeStarts(text);
  const partitions = numbers.flatMap((partition, index) => {
    const start = starts[index];
    return start === undefined ? [] : [{ partition, start }];
  });
  if (partitions.length !== starts.length || starts.length !== numbers.length) {
    throw topic.error(`starts ${text} are not one for each of ${numbers.length} partitions`);
  }
  const names = { topicId: topic.text("topicId"), topic: topic.text("topic") };
  topic.close();
  return { ...names, partitions };
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
