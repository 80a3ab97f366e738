import { inject, onTestFinished } from "vitest";
import { connectKafkaTopics } from "../kafka/kafka-topics.ts";
import { createLedgerTable } from "../ledger/ledger-table.ts";
import { type HandlerPair, openHandlerPair } from "./handler-pair.ts";

/** Both functions over a topic of three records and a ledger of their own, on the integration tests' servers. */
export async function openLambdaPipeline(): Promise<HandlerPair> {
  const bootstrapServers = inject("kafka.bootstrapServers");
  const dynamodbEndpoint = inject("aws.endpoint");
  const topics = await connectKafkaTopics(bootstrapServers);
  const topic = await topics.create();
  await topics.produce(topic, [{ value: "a" }, { value: "b" }, { value: "c" }]);
  await topics.close();
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  return pair;
}
