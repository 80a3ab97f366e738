import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { requireVariable } from "../../../functions/lambda-config.ts";
import type { ProcessingRange } from "../../../functions/processor/session/processing-range.ts";

/** An item per record, with the release that wrote it and the range that it was in; a second one would be refused. */
export function putOnce(
  { topic, partition, fromOffset, untilOffset }: ProcessingRange<TransactWriteItem>,
  offset: bigint,
  release: string,
): TransactWriteItem {
  return {
    Put: {
      TableName: requireVariable("OUTPUTS_TABLE"),
      Item: {
        source: { S: `${topic}-${partition}` },
        offset: { N: offset.toString() },
        release: { S: release },
        range: { S: `${fromOffset}-${untilOffset}` },
      },
      ConditionExpression: "attribute_not_exists(#source)",
      ExpressionAttributeNames: { "#source": "source" },
    },
  };
}
