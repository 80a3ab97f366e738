// Integers pipeline: writes down every integer it is given, so that one that is
// lost, doubled or out of order shows.
//
//   IP1  A row holds the records of one commit, as `offset:value`, and is written
//        once: a second effect of a commit would be refused.
//   IP2  A source's state row moves from the row before to this one: a row out of
//        turn would be refused.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";

const ROW_RECORDS = 200;
const tableName = process.env["INTEGERS_TABLE"] ?? "";

interface Row {
  readonly fromOffset: bigint;
  readonly untilOffset: bigint;
  readonly entries: readonly string[];
}

export const handler = createRangeProcessor({
  async process(range) {
    let fromOffset = range.committedOffset;
    let entries: string[] = [];
    for await (const { offset, value } of range.records()) {
      if (entries.length === ROW_RECORDS) {
        await range.commit(offset, writeRow(range, { fromOffset, untilOffset: offset, entries }));
        fromOffset = offset;
        entries = [];
      }
      entries.push(`${offset}:${value?.toString()}`);
    }
    return writeRow(range, { fromOffset, untilOffset: range.untilOffset, entries });
  },
});

function writeRow(
  range: ProcessingRange<TransactWriteItem>,
  { fromOffset, untilOffset, entries }: Row,
): TransactWriteItem[] {
  const source = { S: sourceOf(range) };
  const from = { N: fromOffset.toString() };
  const until = { N: untilOffset.toString() };
  const count = { N: entries.length.toString() };
  return [
    {
      Put: {
        TableName: tableName,
        Item: {
          source,
          row: { S: fromOffset.toString().padStart(19, "0") },
          from,
          until,
          entries: { S: entries.join() },
        },
        ConditionExpression: "attribute_not_exists(entries)",
      },
    },
    {
      Update: {
        TableName: tableName,
        Key: { source, row: { S: "state" } },
        ConditionExpression: "attribute_not_exists(#until) OR #until = :from",
        UpdateExpression: "SET #until = :until ADD #count :count",
        ExpressionAttributeNames: { "#until": "until", "#count": "count" },
        ExpressionAttributeValues: { ":from": from, ":until": until, ":count": count },
      },
    },
  ];
}

/** Each range of a request is a source of its own: they may run in any order. */
function sourceOf({ topic, partition, fromOffset, requestId }: ProcessingRange<TransactWriteItem>): string {
  const live = `${topic}-${partition}`;
  return requestId === undefined ? live : `${live}#${requestId}#${fromOffset}`;
}
