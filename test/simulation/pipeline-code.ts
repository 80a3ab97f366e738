// Pipeline code
//
// What a user would deploy, in the ways a user may write it: each record becomes one
// output of its own offset. In the ledger's transaction it is a row, and adds to a running count.

import { createHash } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import type { ProcessFunction, ProcessingRange } from "../../functions/processor/session/processing-range.ts";
import { PARTITION_KEY, SORT_KEY } from "../../shared/core/ledger/ledger-table.ts";
import type { KafkaRecord } from "../../shared/core/source/range-reader.ts";

import { POISON } from "./cluster/simulated-cluster.ts";

/**
 * Outputs with the completion; a commit per record, per batch, or per few records; a return before the end; commits left
 * to the session.
 */
export type Style =
  | "return"
  | "commitRecords"
  | "commitBatches"
  | "commitSome"
  | "returnEarly"
  | "writeEach"
  | "forEach"
  | "writeAll";

const MAX_ROWS = 90;
const SOME = 3;

export type PlaceOfRecord = Pick<ProcessingRange<never>, "topicId" | "partition" | "requestId">;

export interface PipelineCode<Output> {
  readonly style: Style;
  /** Throws at this record of the attempt; 0 throws never. */
  readonly crashAt: number;
  /** Whether an attempt rejects a record; the next one may have better luck with it. */
  readonly rejects: boolean;
  /** Time that a record takes. */
  readonly work: () => Promise<void>;
  /** What becomes of a record. */
  readonly outputOf: (place: PlaceOfRecord, record: KafkaRecord) => Output;
  /** What a commit of these has besides. @default - nothing */
  readonly withRest?: (outputs: readonly Output[]) => readonly Output[];
}

export function pipelineCode<Output>(code: PipelineCode<Output>): ProcessFunction<Output> {
  const { style, crashAt, rejects, work, outputOf, withRest = (outputs) => outputs } = code;
  return async (range) => {
    let outputs: Output[] = [];
    let records = 0;
    const commit = async (untilOffset: bigint) => {
      await range.commit(untilOffset, withRest(outputs));
      outputs = [];
    };
    const look = async (record: KafkaRecord) => {
      records += 1;
      if (records === crashAt) {
        throw new Error("the pipeline's code crashed");
      }
      if (String(record.value).endsWith(POISON)) {
        throw new Error("the pipeline's code does not take this record");
      }
      await work();
    };
    const make = async (record: KafkaRecord): Promise<readonly Output[]> => {
      await look(record);
      if (rejects && isUnlucky(`${String(record.value)} ${range.attempt}`)) {
        await range.reject(record, "bad luck");
        return [];
      }
      return [outputOf(range, record)];
    };
    const take = async (record: KafkaRecord) => {
      outputs.push(...(await make(record)));
      const isDue = style === "commitRecords" || (style === "commitSome" && outputs.length === SOME);
      if (isDue || outputs.length === MAX_ROWS) {
        await commit(record.offset + 1n);
      }
    };
    switch (style) {
      case "writeAll":
        await range.writeAll();
        return [];
      case "writeEach":
        await range.writeEach(make);
        return [];
      case "forEach":
        await range.forEach({ concurrency: SOME, by: "record" }, make);
        return [];
      case "commitBatches":
        for await (const batch of range.batches()) {
          for (const record of batch) {
            await take(record);
          }
          await commit(batch.untilOffset);
        }
        return withRest(outputs);
      default:
        for await (const record of range.records()) {
          await take(record);
          if (style === "returnEarly") {
            break;
          }
        }
        return withRest(outputs);
    }
  };
}

/** One in four, by an attempt and its record: nothing is drawn, so that a seed's other events stay what they are. */
function isUnlucky(name: string): boolean {
  return createHash("sha256").update(name).digest().readUInt8() < 64;
}

/** The row that a record becomes in the ledger's transaction. */
export function rowOf(
  { topicId, partition, requestId }: PlaceOfRecord,
  { offset, value }: KafkaRecord,
): TransactWriteItem {
  const Item = {
    [PARTITION_KEY]: { S: `${requestId ?? "live"}#${topicId}#${partition}` },
    [SORT_KEY]: { S: offset.toString().padStart(19, "0") },
    value: { S: String(value) },
  };
  return { Put: { TableName: "outputs", Item } };
}

/** Nothing is counted where nothing is written: an output needs an offset of its own. */
export function withCount(rows: readonly TransactWriteItem[]): readonly TransactWriteItem[] {
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
