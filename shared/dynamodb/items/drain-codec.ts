import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DrainRecord, PinnedTopic } from "../../core/ledger/pipeline-record.ts";
import { omitUndefined } from "../../core/omit-undefined.ts";
import type { ItemReader } from "./attributes/item-reader.ts";
import { number } from "./attributes/numbers.ts";
import { decodeAccount, encodeAccount } from "./outcome-codec.ts";
import { decodeColumn, decodeIntervals, encodeIntervals, encodeStarts } from "./partition-codec.ts";

export function encodeDrain({ drainId, pinnedAt, topics, completedAt, offsets }: DrainRecord): AttributeValue {
  return {
    M: {
      drainId: { S: drainId },
      pinnedAt: number(pinnedAt),
      topics: { L: topics.map(encodePins) },
      ...(completedAt === undefined ? {} : { completedAt: number(completedAt) }),
      ...(offsets === undefined ? {} : { offsets: encodeAccount(offsets) }),
    },
  };
}

export function decodeDrain(reader: ItemReader): DrainRecord {
  const topics = reader.maps("topics").map(decodePins);
  const completedAt = reader.optionalInteger("completedAt");
  const drain = {
    drainId: reader.text("drainId"),
    pinnedAt: reader.integer("pinnedAt"),
    topics,
    ...omitUndefined({ completedAt }),
    ...(reader.has("offsets") ? { offsets: decodeAccount(reader.map("offsets")) } : {}),
  };
  reader.close();
  return drain;
}

/** Where a partition is drained from is kept as the length up to its end: short, and 0 for an idle one. */
function encodePins({ topicId, topic, partitions }: PinnedTopic): AttributeValue {
  const lengths = partitions.flatMap(({ fromOffset, untilOffset }) =>
    fromOffset === undefined ? [] : [untilOffset - fromOffset],
  );
  return {
    M: {
      topicId: { S: topicId },
      topic: { S: topic },
      partitions: { S: encodeIntervals(partitions.map(({ partition }) => partition)) },
      ends: { S: encodeStarts(partitions.map(({ untilOffset }) => untilOffset)) },
      ...(lengths.length < partitions.length ? {} : { lengths: { S: encodeStarts(lengths) } }),
    },
  };
}

/** Earlier code kept the ends alone. */
function decodePins(reader: ItemReader): PinnedTopic {
  const numbers = decodeIntervals(reader.text("partitions"));
  const ends = decodeColumn(reader, "ends", numbers.length);
  const lengths = reader.has("lengths") ? decodeColumn(reader, "lengths", numbers.length) : [];
  const partitions = numbers.map((partition, index) => {
    const [untilOffset, length] = [ends[index], lengths[index]];
    if (typeof untilOffset !== "bigint" || length === "pending") {
      throw reader.error("an end is pending");
    }
    return { partition, untilOffset, ...(length === undefined ? {} : { fromOffset: untilOffset - length }) };
  });
  const topic = { topicId: reader.text("topicId"), topic: reader.text("topic"), partitions };
  reader.close();
  return topic;
}
