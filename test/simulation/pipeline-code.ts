// Pipeline code
//
// What a user would deploy, in the ways a user may write it: each record becomes one
// row of its own offset and adds to a running count, in the ledger's transaction.

import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { ProcessFunction, ProcessingRange } from "../../functions/processor/session/processing-range.ts";
import { PARTITION_KEY, SORT_KEY } from "../../shared/core/ledger/ledger-table.ts";
import type { KafkaRecord } from "../../shared/core/source/range-reader.ts";

import { POISON } from "./cluster/simulated-cluster.ts";

/** Rows with the completion; a commit per record, per batch, or per few records; a return before the end. */
export type Style = "return" | "commitRecords" | "commitBatches" | "commitSome" | "returnEarly";

const MAX_ROWS = 90;
const SOME = 3;

export interface PipelineCode {
  readonly style: Style;
  /** Throws at this record of the attempt; 0 throws never. */
  readonly crashAt: number;
  /** Time that a record takes. */
  readonly work: () => Promise<void>;
}

export function pipelineCode({ style, crashAt, work }: PipelineCode): ProcessFunction<TransactWriteItem> {
  return async (range) => {
    let rows: TransactWriteItem[] = [];
    let records = 0;
    const commit = async (untilOffset: bigint) => {
      await range.commit(untilOffset, withCount(rows));
      rows = [];
    };
    const take = async (record: KafkaRecord) => {
      records += 1;
      if (records === crashAt) {
        throw new Error("the pipeline's code crashed");
      }
      if (String(record.value).endsWith(POISON)) {
        throw new Error("the pipeline's code does not take this record");
      }
      await work();
      rows.push(rowOf(range, record));
      const isDue = style === "commitRecords" || (style === "commitSome" && rows.length === SOME);
      if (isDue || rows.length === MAX_ROWS) {
        await commit(record.offset + 1n);
      }
    };
    if (style === "commitBatches") {
      for await (const batch of range.batches()) {
        for (const record of batch) {
          await take(record);
        }
        await commit(batch.untilOffset);
      }
      return withCount(rows);
    }
    for await (const record of range.records()) {
      await take(record);
      if (style === "returnEarly") {
        break;
      }
    }
    return withCount(rows);
  };
}

function rowOf({ topicId, partition, requestId }: Place, { offset, value }: KafkaRecord): TransactWriteItem {
  const Item = {
    [PARTITION_KEY]: { S: `${requestId ?? "live"}#${topicId}#${partition}` },
    [SORT_KEY]: { S: offset.toString().padStart(19, "0") },
    value: { S: String(value) },
  };
  return { Put: { TableName: "outputs", Item } };
}

type Place = Pick<ProcessingRange<never>, "topicId" | "partition" | "requestId">;

/** Nothing is counted where nothing is written: an output needs an offset of its own. */
function withCount(rows: readonly TransactWriteItem[]): readonly TransactWriteItem[] {
  if (rows.length === 0) {
    return [];
  }
  const Key = { [PARTITION_KEY]: { S: "counts" }, [SORT_KEY]: { S: "rows" } };
  const ExpressionAttributeValues = { ":rows": { N: rows.length.toString() } };
  return [
    ...rows,
    { Update: { TableName: "outputs", Key, UpdateExpression: "ADD rowCount :rows", ExpressionAttributeValues } },
  ];
}
