// Pipeline codec
//
// The pipeline's record as one item. How its partitions and their offsets are kept
// short is partition-codec.ts.

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ConfigurationError } from "../../core/errors.ts";
import { PARTITION_KEY, SORT_KEY } from "../../core/ledger/ledger-table.ts";
import type { PipelineRecord, StartedTopic, StartingTopic } from "../../core/ledger/pipeline-record.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { itemBytes } from "./attributes/item-size.ts";
import { type Item, pipelineKey } from "./attributes/keys.ts";
import { number } from "./attributes/numbers.ts";
import { decodeDrain, encodeDrain } from "./drain-codec.ts";
import { openItem, SCHEMA_VERSION } from "./item-codec.ts";
import { MAX_ITEM_BYTES } from "./limits.ts";
import { decodeColumn, decodeIntervals, encodeIntervals, encodeStarts } from "./partition-codec.ts";
import { decodePause, encodePause } from "./pause-codec.ts";
import { decodeRate, encodeRate } from "./rate-codec.ts";

/** A pipeline's record with the name of the write that stored it. */
export interface StoredPipeline {
  readonly record: PipelineRecord;
  readonly writeId: string;
}

/** The attributes that only some pipelines have. */
export const OPTIONAL_PIPELINE_ATTRIBUTES = ["starting", "drain", "rate", "pauses"];

export function encodePipeline({ record, writeId }: StoredPipeline): Item {
  const item: Item = {
    ...pipelineKey(record.pipeline),
    schema: number(SCHEMA_VERSION),
    revision: number(record.revision),
    writeId: { S: writeId },
    startedAt: number(record.startedAt),
    topics: {
      L: record.topics.map(({ topicId, topic, partitions, endedAt, leftAt }) => ({
        M: {
          topicId: { S: topicId },
          topic: { S: topic },
          partitions: { S: encodeIntervals(partitions) },
          ...(endedAt === undefined ? {} : { endedAt: number(endedAt) }),
          ...(leftAt === undefined ? {} : { leftAt: number(leftAt) }),
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
    topics: reader.maps("topics").map(decodeStarted),
    ...(reader.has("starting") ? { starting: reader.maps("starting").map(decodeStarting) } : {}),
    ...(reader.has("drain") ? { drain: decodeDrain(reader.map("drain")) } : {}),
    ...(reader.has("rate") ? { rate: decodeRate(reader.map("rate")) } : {}),
    ...(reader.has("pauses") ? { pauses: reader.maps("pauses").map(decodePause) } : {}),
  };
  const writeId = reader.text("writeId");
  reader.closeItem();
  return { record, writeId };
}

function decodeStarted(reader: ItemReader): StartedTopic {
  const topic = {
    topicId: reader.text("topicId"),
    topic: reader.text("topic"),
    partitions: decodeIntervals(reader.text("partitions")),
    ...(reader.has("endedAt") ? { endedAt: reader.integer("endedAt") } : {}),
    ...(reader.has("leftAt") ? { leftAt: reader.integer("leftAt") } : {}),
  };
  reader.close();
  return topic;
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

function decodeStarting(reader: ItemReader): StartingTopic {
  const numbers = decodeIntervals(reader.text("partitions"));
  const starts = decodeColumn(reader, "starts", numbers.length);
  const topic = {
    topicId: reader.text("topicId"),
    topic: reader.text("topic"),
    partitions: starts.map((start, index) => ({ partition: numbers[index] ?? 0, start })),
  };
  reader.close();
  return topic;
}
