// On-failure record
//
// What a Lambda event source mapping for Kafka leaves of a batch that it gave up:
// the offsets that the function never got through. To SQS, SNS and S3 it says
// `KafkaBatchInfo.recordsInfo`, by "topic-partition", both offsets inclusive; a
// Kafka destination gets one record as it was, under `payload.records`. It is taken in
// the envelope in which a queue or a topic delivers it; several at once are one request.
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html

import * as z from "zod/mini";
import { quoteName } from "../../core/bounded-text.ts";
import { topicOfName } from "../../core/choice/named-partitions.ts";
import { ConfigurationError } from "../../core/errors.ts";
import {
  compareOffsetRanges,
  formatOffsetRange,
  largerOf,
  MAX_OFFSET,
  type OffsetRange,
} from "../../core/range/offset-range.ts";
import { compareTopicPartitions, isTopicName } from "../../core/range/topic-partition.ts";
import { listProblems, worded } from "../json/list-problems.ts";
import { readPartition } from "../offsets/decimal.ts";
import { shape, wireOffset, wirePartition, wireTopic } from "../offsets/wire-offset.ts";
import { type EnclosedMessage, isEnvelope, openEnvelope } from "./message-envelope.ts";

export interface OnFailureRecord {
  /** The request id of the invocation that failed. */
  readonly requestId: string | undefined;
  readonly ranges: readonly OffsetRange[];
  /** Where there are several: their request ids, none of which is that of all. */
  readonly invocations?: readonly string[];
}

// Loose objects: AWS adds fields, and says more than is needed here.
const bounds = z.looseObject({ firstRecordOffset: wireOffset, lastRecordOffset: wireOffset });
const single = z.looseObject({ topic: wireTopic, partition: wirePartition, offset: wireOffset });

const onFailureRecord = z.looseObject(
  {
    requestContext: z.optional(z.looseObject({ requestId: z.optional(z.string()) })),
    KafkaBatchInfo: z.looseObject(
      { recordsInfo: z.optional(z.record(z.string(), bounds)) },
      shape('{"recordsInfo"} as AWS Lambda writes it'),
    ),
    /** Text in S3: the event is not needed there. */
    payload: z.optional(
      z.union(
        [z.string(), z.looseObject({ records: z.record(z.string(), z.array(single)) })],
        'expected {"records"} or a text',
      ),
    ),
  },
  shape("the on-failure record of an event source mapping"),
);

export function isOnFailureRecord(event: object): boolean {
  return "KafkaBatchInfo" in event || isEnvelope(event);
}

/** Throws ConfigurationError that names everything that is wrong or missing. */
export function decodeOnFailureRecord(event: unknown): OnFailureRecord {
  const records = openEnvelope(event).map(decodeMessage);
  const [first, ...others] = records;
  if (first === undefined) {
    throw new ConfigurationError("the on-failure record is wrong: there is no message in its envelope");
  }
  if (others.length === 0) {
    return first;
  }
  // A queue delivers a message twice now and then, and an invocation's halves are retried by themselves.
  const ranges = joinNeighbours(records.flatMap((record) => record.ranges));
  const [requestId, ...more] = [...new Set(records.map((record) => record.requestId ?? "unknown"))];
  return more.length === 0
    ? { requestId: first.requestId, ranges }
    : { requestId: undefined, ranges, invocations: [requestId ?? "unknown", ...more] };
}

function decodeMessage({ value, where }: EnclosedMessage): OnFailureRecord {
  const result = onFailureRecord.safeParse(value, worded);
  if (!result.success) {
    const place = where === "" ? "" : ` in ${where}`;
    throw new ConfigurationError(`the on-failure record${place} is wrong: ${listProblems(result.error, value)}`);
  }
  const { requestContext, KafkaBatchInfo, payload } = result.data;
  const records = typeof payload === "object" ? Object.values(payload.records).flat() : [];
  const ranges =
    KafkaBatchInfo.recordsInfo === undefined
      ? joinNeighbours(records.map(rangeOfRecord))
      : Object.entries(KafkaBatchInfo.recordsInfo).map(([name, info]) => rangeOf(name, info));
  if (ranges.length === 0) {
    throw new ConfigurationError(
      "the on-failure record names no record: neither KafkaBatchInfo.recordsInfo nor payload.records has one",
    );
  }
  return { requestId: requestContext?.requestId, ranges };
}

function rangeOf(
  name: string,
  { firstRecordOffset, lastRecordOffset }: { readonly firstRecordOffset: bigint; readonly lastRecordOffset: bigint },
): OffsetRange {
  // The topic's own name may have hyphens; the partition follows the last one.
  const topic = topicOfName(name);
  const partition = readPartition(name.slice(topic.length + 1));
  if (!isTopicName(topic) || partition === undefined) {
    throw new ConfigurationError(
      `KafkaBatchInfo.recordsInfo has the key ${quoteName(name)}; expected a topic and a partition, as in orders-3`,
    );
  }
  const untilOffset = lastRecordOffset + 1n;
  const range = { topic, partition, fromOffset: firstRecordOffset, untilOffset };
  if (firstRecordOffset > lastRecordOffset || untilOffset > MAX_OFFSET) {
    throw new ConfigurationError(
      `KafkaBatchInfo.recordsInfo of ${name} goes from ${firstRecordOffset} to ${lastRecordOffset}, which is no range of records`,
    );
  }
  return range;
}

function rangeOfRecord({ topic, partition, offset }: z.output<typeof single>): OffsetRange {
  const range = { topic, partition, fromOffset: offset, untilOffset: offset + 1n };
  if (range.untilOffset > MAX_OFFSET) {
    throw new ConfigurationError(`payload.records has ${formatOffsetRange(range)}, beyond the last offset`);
  }
  return range;
}

function joinNeighbours(ranges: readonly OffsetRange[]): readonly OffsetRange[] {
  const joined: OffsetRange[] = [];
  for (const range of ranges.toSorted(compareOffsetRanges)) {
    const last = joined.at(-1);
    if (last !== undefined && compareTopicPartitions(last, range) === 0 && last.untilOffset >= range.fromOffset) {
      joined[joined.length - 1] = { ...last, untilOffset: largerOf(last.untilOffset, range.untilOffset) };
    } else {
      joined.push(range);
    }
  }
  return joined;
}
