// Word count: how often each word occurred, exactly once whatever crashes.
//
// Counts are kept per word and partition and summed on reading, so that the
// processors of different partitions never contend for an item. A reprocessed
// range counts beside the live numbers, under its request's own key.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { MAX_OUTPUTS_PER_COMMIT } from "../../shared/core/limits.ts";
import { update } from "../../shared/dynamodb/outputs/plain-outputs.ts";
import { requireVariable } from "../lambda-config.ts";
import { createRangeProcessor } from "../processor/create-range-processor.ts";
import type { ProcessingRange } from "../processor/session/processing-range.ts";

export const handler = createRangeProcessor({
  variables: ["WORD_COUNTS_TABLE"],
  async process(range) {
    let counts = new Map<string, number>();
    for await (const { offset, value } of range.records()) {
      const words = value?.toString().match(/\S+/g) ?? [];
      if (new Set([...counts.keys(), ...words]).size > MAX_OUTPUTS_PER_COMMIT) {
        await range.commit(offset, addCounts(range, counts));
        counts = new Map();
      }
      for (const word of words) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    return addCounts(range, counts);
  },
});

function addCounts(
  { topic, partition, requestId }: ProcessingRange<TransactWriteItem>,
  counts: ReadonlyMap<string, number>,
): TransactWriteItem[] {
  const source = requestId === undefined ? `${topic}-${partition}` : `${topic}-${partition}#${requestId}`;
  const tableName = requireVariable("WORD_COUNTS_TABLE");
  return [...counts].map(([word, count]) => update(tableName, { word, source }, { add: { count } }));
}
