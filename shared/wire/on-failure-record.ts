// On-failure record
//
// What a Lambda event source mapping for Kafka leaves of a batch that it gave up:
// the offsets that the function never got through. To SQS, SNS and S3 it says
// `KafkaBatchInfo.recordsInfo`, by "topic-partition", both offsets inclusive; a
// Kafka destination gets one record as it was, under `payload.records`.
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure.html
// https://docs.aws.amazon.com/lambda/latest/dg/kafka-on-failure-destination.html

import { z } from "zod";
import { ConfigurationError } from "../core/errors.ts";
import { compareOffsetRanges, formatOffsetRange, MAX_OFFSET, type OffsetRange } from "../core/offset-range.ts";
import { compareTopicPartitions, isTopicName, MAX_PARTITION } from "../core/topic-partition.ts";
import { listProblems } from "./list-problems.ts";
import { shape, wireOffset, wirePartition, wireTopic } from "./wire-offset.ts";

export interface OnFailureRecord {
  /** The request id of the invocation that failed. */
  readonly requestId: string | undefined;
  readonly ranges: readonly OffsetRange[];
}

// Loose objects: AWS adds fields, and says more than is needed here.
const bounds = z.looseObject({ firstRecordOffset: wireOffset, lastRecordOffset: wireOffset });
const single = z.looseObject({ topic: wireTopic, partition: wirePartition, offset: wireOffset });

const onFailureRecord = z.looseObject({
  requestContext: z.looseObject({ requestId: z.string().optional() }).optional(),
  KafkaBatchInfo: z.looseObject(
    { recordsInfo: z.record(z.string(), bounds).optional() },
    shape('{"recordsInfo"} as AWS Lambda writes it'),
  ),
  /** Text in S3: the event is not needed there. */
  payload: z.union([z.string(), z.looseObject({ records: z.record(z.string(), z.array(single)) })]).optional(),
});

export function isOnFailureRecord(event: object): boolean {
  return "KafkaBatchInfo" in event;
}

/** Throws ConfigurationError that names everything that is wrong or missing. */
export function decodeOnFailureRecord(event: unknown): OnFailureRecord {
  const result = onFailureRecord.safeParse(event);
  if (!result.success) {
    throw new ConfigurationError(`the on-failure record is wrong: ${listProblems(result.error, event)}`);
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
  const [, topic = "", digits = ""] = /^(.*)-(\d{1,10})$/.exec(name) ?? [];
  if (!isTopicName(topic) || Number(digits) > MAX_PARTITION) {
    throw new ConfigurationError(
      `KafkaBatchInfo.recordsInfo has the key ${JSON.stringify(name)}; expected a topic and a partition, as in orders-3`,
    );
  }
  const untilOffset = lastRecordOffset + 1n;
  const range = { topic, partition: Number(digits), fromOffset: firstRecordOffset, untilOffset };
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
      joined[joined.length - 1] = { ...last, untilOffset: range.untilOffset };
    } else {
      joined.push(range);
    }
  }
  return joined;
}
