// Decoded records, as the deployed function gets them from a broker: what the reader makes of a
// record is not a plain object.

import { afterAll, beforeAll, expect, inject, onTestFinished, test } from "vitest";
import { openHandlerPair } from "../../support/functions/handler-pair.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createLedgerTable } from "../../support/ledger/ledger-table.ts";

let topics: KafkaTopics;
beforeAll(async () => {
  topics = await connectKafkaTopics(inject("kafka.bootstrapServers"));
});
afterAll(() => topics.close());

const deserializers = new URL("../../../shared/schemas/plain/plain-deserializers.ts", import.meta.url).pathname;
const recordFields = new URL("../../../shared/core/source/record-fields.ts", import.meta.url).pathname;

/** Every way to read, a partition each; what it got stands in the error that it throws. */
const BODY = `
  const { json, string } = await import(${JSON.stringify(deserializers)});
  const { recordFields } = await import(${JSON.stringify(recordFields)});
  const found = [];
  const take = ({ offset, key, value, headers, source }) => {
    const { value: bytes } = { ...recordFields(source) };
    found.push([Number(offset), key, value, headers.map(({ key }) => key), String(bytes)]);
  };
  const decoded = range.decoded({ key: string(), value: json() });
  const read = [
    async () => { for await (const record of decoded.records()) take(record); },
    () => decoded.writeEach(take),
    () => decoded.forEach({ concurrency: 2 }, take),
  ];
  await read[range.partition]();
  throw Object.assign(new Error(JSON.stringify(found)), { name: "FoundError" });`;

test("DCR1, G1: a function's decoded records are those of the log, whichever way they are read", async () => {
  const topic = await topics.create({ partitions: 3 });
  const values = [{ total: 1 }, { total: 2 }];
  for (const partition of [0, 1, 2]) {
    await topics.produce(
      topic,
      values.map((value, index) => ({
        partition,
        key: `k${index}`,
        value: JSON.stringify(value),
        headers: { trace: "x" },
      })),
    );
  }
  const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const bootstrapServers = inject("kafka.bootstrapServers");
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  await pair.schedule();

  const { answers } = await pair.processIn([...pair.dispatched], { body: BODY });

  const expected = values.map((value, index) => [index, `k${index}`, value, ["trace"], JSON.stringify(value)]);
  expect(answers.map(({ result }) => result)).toEqual(
    Array(3).fill(
      expect.objectContaining({
        error: expect.objectContaining({ name: "FoundError", message: JSON.stringify(expected) }),
      }),
    ),
  );
});
