// An invocation of a warm processor for a range without a visible record: claim, fetch, complete,
// on a real Kafka and DynamoDB Local.

import { join } from "node:path";
import { CompressionTypes, Kafka } from "kafkajs";
import { startKafkaBroker } from "../../../functions/local/servers/kafka-broker.ts";
import { silentKafkaOptions } from "../../../functions/local/servers/silent-kafka.ts";
import { createServedTopics } from "../../../functions/local/topics/create-served-topics.ts";
import { startDynamoDBLocal } from "../../local/servers/dynamodb-local.ts";
import { createLedgerTable } from "../../support/ledger/ledger-table.ts";
import { LineProcess } from "../reading/line-process.ts";
import type { InvokingResult, InvokingStack, InvokingTask } from "./invoking.ts";

const TOPIC = "bench-empty";
const WARM_UP = 200;
const rangeProcess = new URL("range-process.ts", import.meta.url).pathname;

/** Of `ranges` invocations behind some that are not measured. */
export async function measureEmptyRanges(folder: string, ranges: number): Promise<InvokingResult> {
  const broker = await startKafkaBroker({ folder: join(folder, "kafka") });
  try {
    await using table = await startTable(folder);
    await abortRecords(broker.bootstrapServers, WARM_UP + ranges);
    const { bootstrapServers } = broker;
    const stack: InvokingStack = { bootstrapServers, topic: TOPIC, ...table.stack };
    const processor = new LineProcess({
      name: "processor",
      command: process.execPath,
      args: ["--disable-warning=TimeoutNegativeWarning", rangeProcess, JSON.stringify(stack)],
      logFile: join(folder, "processor.log"),
    });
    const task: InvokingTask = { warmUp: WARM_UP, ranges };
    try {
      return await processor.ask<InvokingResult>(task);
    } finally {
      await processor.stop();
    }
  } finally {
    await broker.kill();
  }
}

async function startTable(folder: string) {
  const dynamodb = await startDynamoDBLocal({ folder: join(folder, "dynamodb") });
  const table = await createLedgerTable(dynamodb.endpoint);
  return {
    stack: { dynamodbEndpoint: dynamodb.endpoint, ledgerTable: table.tableName },
    [Symbol.asyncDispose]: async () => {
      await table[Symbol.asyncDispose]();
      await dynamodb.stop();
    },
  };
}

/** In batches of one: each range reads one, as a small range of a quiet topic does. */
async function abortRecords(bootstrapServers: string, records: number): Promise<void> {
  const kafka = new Kafka(silentKafkaOptions("bench", bootstrapServers));
  const admin = kafka.admin();
  await admin.connect();
  await createServedTopics(admin, [{ topic: TOPIC, numPartitions: 1 }]);
  await admin.disconnect();
  const producer = kafka.producer({ transactionalId: "bench-empty", maxInFlightRequests: 1, idempotent: true });
  await producer.connect();
  const transaction = await producer.transaction();
  for (let sent = 0; sent < records; sent += 1) {
    await transaction.send({ topic: TOPIC, compression: CompressionTypes.None, messages: [{ value: "aborted" }] });
  }
  await transaction.abort();
  await producer.disconnect();
}
