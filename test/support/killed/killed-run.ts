// One invocation for a range of a real topic and a ledger in DynamoDB, whose code writes each record to a table by
// its own identity, as handlers do that may be repeated.

import { randomUUID } from "node:crypto";
import type { TransactWriteItem } from "@aws-sdk/client-dynamodb";
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { fromEventSourceHandler } from "../../../functions/event-source/from-event-source-handler.ts";
import type { KafkaEvent } from "../../../functions/event-source/kafka-event.ts";
import { processAttempts } from "../../../functions/processor/process-attempts.ts";
import type { ProcessFunction } from "../../../functions/processor/session/processing-range.ts";
import type { ChainKey } from "../../../shared/core/range/range-record.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaRangeReader } from "../../../shared/kafka/read/range-reader.ts";
import { processorRules } from "../builders/builders.ts";
import { openSignedLedger } from "../ledger/ledger-table.ts";
import { createRecordingDeadLetters } from "../pipeline/recording-dead-letters.ts";

export interface KilledRun {
  readonly bootstrapServers: string;
  readonly dynamodbEndpoint: string;
  readonly ledgerTable: string;
  readonly effects: string;
  readonly chain: ChainKey;
  readonly way: keyof typeof ways;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Writes what the record at the offset does; resolves once the process may go on. */
type Effect = (offset: number, value: string) => Promise<void>;

/** The value of a record that no handler can process. */
export const POISON = "poison";

async function takeEach({ records }: KafkaEvent, effect: Effect): Promise<unknown> {
  const failures: object[] = [];
  for (const { topic, partition, offset, value } of Object.values(records).flat()) {
    const text = Buffer.from(value ?? "", "base64").toString();
    if (text === POISON) {
      failures.push({ itemIdentifier: { partition: `${topic}-${partition}`, offset } });
    } else {
      await effect(offset, text);
    }
  }
  return { batchItemFailures: failures };
}

const handled =
  (answers: boolean) =>
  (effect: Effect): ProcessFunction<TransactWriteItem> =>
    fromEventSourceHandler(
      async (event: KafkaEvent) => {
        const answer = await takeEach(event, effect);
        return answers ? answer : undefined;
      },
      { BatchSize: 2, ...(answers ? { FunctionResponseTypes: ["ReportBatchItemFailures"] } : {}) },
    );

const ways = {
  /** Its events have no poison in them. */
  handler: handled(false),
  partialResponses: handled(true),
  sideBySide:
    (effect: Effect): ProcessFunction<TransactWriteItem> =>
    (range) =>
      range.forEach({ concurrency: 3, by: "key", commitIntervalMs: 0 }, async ({ offset, value }) => {
        if (String(value) === POISON) {
          throw new TypeError("poison");
        }
        await effect(Number(offset), String(value));
      }),
};

/** `mayGoOn` is asked after each record's effect. */
export async function runOnce(run: KilledRun, mayGoOn: () => Promise<void>): Promise<void> {
  const { bootstrapServers, dynamodbEndpoint, ledgerTable, effects, chain, now } = run;
  const dynamodb = openSignedLedger(dynamodbEndpoint);
  const client = new DynamoDBClient({
    endpoint: dynamodbEndpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
  });
  const reader = createKafkaRangeReader({ clientId: "tests", bootstrapServers: [bootstrapServers] });
  const ledger = createRangeLedger(dynamodb, { tableName: ledgerTable, newId: randomUUID });
  const deadLetters = createRecordingDeadLetters();
  const effect: Effect = async (offset, value) => {
    await client.send(
      new UpdateItemCommand({
        TableName: effects,
        Key: { id: { S: `${chain.pipeline}/${offset}` } },
        UpdateExpression: "SET content = :value ADD times :one",
        ExpressionAttributeValues: { ":value": { S: value }, ":one": { N: "1" } },
      }),
    );
    await mayGoOn();
  };
  const record = await ledger.newestRange(chain);
  if (record === undefined) {
    throw new Error("no range is planned");
  }
  const never = new AbortController().signal;
  await processAttempts(
    {
      ledger,
      reader,
      deadLetters,
      process: ways[run.way](effect),
      context: { awsRequestId: "killed", getRemainingTimeInMillis: () => 60_000 },
      now: () => now,
      random: () => 0.5,
    },
    processorRules({ onFailure: "quarantine", maxAttempts: 1 }),
    { record },
    { owner: randomUUID(), remainingMs: 60_000, deadline: never, lastCall: never },
  );
  await reader.close();
  dynamodb.close();
  client.destroy();
}
