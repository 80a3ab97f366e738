// Twenty ranges at once in one environment of the processor, as on Lambda Managed Instances: the handler
// as it is deployed, on a real Kafka and on DynamoDB Local.

import { expect, inject, onTestFinished, test } from "vitest";
import { openHandlerPair } from "../../support/functions/handler-pair.ts";
import { connectKafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createLedgerTable } from "../../support/ledger/ledger-table.ts";
import { createOutputTable } from "../../support/ledger/output-tables.ts";

const RANGES = 20;

/** Partition n has n + 1 records, so that no range's counts are another's. */
const records = Array.from({ length: RANGES }, (_, partition) =>
  Array.from({ length: partition + 1 }, (_, offset) => ({ partition, value: `${partition}/${offset}` })),
).flat();

/** Every range waits until all are begun; each logs by a logger of the code's own, before and after its records. */
const BODY = `
  globalThis.state ??= { begun: 0, all: Promise.withResolvers(), logger: new (await import("@aws-lambda-powertools/logger")).Logger() };
  const { state } = globalThis;
  state.logger.appendKeys({ ownPartition: range.partition });
  state.begun += 1;
  if (state.begun === ${RANGES}) state.all.resolve();
  await state.all.promise;
  await range.writeEach(({ offset, value }) => ({
    Put: { TableName: process.env.OUTPUTS, Item: { id: { S: range.partition + "/" + offset }, value: { S: String(value) } } },
  }));
  state.logger.info("code is done", { partition: range.partition });`;

interface Line {
  readonly message?: string;
  readonly function_request_id?: string;
  readonly partition?: number;
  readonly ownPartition?: number;
  readonly range?: { readonly partition: number };
  readonly _aws?: object;
  readonly RecordsProcessed?: number;
  readonly RangesCompleted?: number;
}

test("twenty ranges at once in one environment share nothing but connections", async () => {
  const bootstrapServers = inject("kafka.bootstrapServers");
  const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
  const topics = await connectKafkaTopics(bootstrapServers);
  onTestFinished(() => topics.close());
  const topic = await topics.create({ partitions: RANGES });
  await topics.produce(topic, records);
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const outputs = await createOutputTable(table.client);
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  await pair.schedule();
  const events = pair.dispatched.toSorted((a, b) => partitionOf(a) - partitionOf(b));
  expect(events.map(partitionOf)).toEqual(Array.from({ length: RANGES }, (_, partition) => partition));

  const { answers, entries } = await pair.processIn(events, {
    areAtOnce: true,
    body: BODY,
    // All wait for the last to begin, which takes a busy machine its time: none is to be handed back meanwhile.
    remainingMs: 600_000,
    variables: { OUTPUTS: outputs.tableName },
  });

  const written = (await outputs.rows()).map(({ id, value }) => ({ id, value }));
  expect(written.toSorted((a, b) => String(a.id).localeCompare(String(b.id)))).toEqual(
    records.map(({ value }) => ({ id: value, value })).toSorted((a, b) => a.id.localeCompare(b.id)),
  );
  expect(answers.map(({ result }) => result)).toEqual(
    events.map((_, partition) =>
      expect.objectContaining({
        kind: "completed",
        attempt: 1,
        counts: expect.objectContaining({ delivered: String(partition + 1) }),
      }),
    ),
  );
  const lines: readonly Line[] = entries;
  const completed = lines.filter(({ message }) => message === "range completed");
  expect(requestsOf(completed, ({ range }) => range?.partition)).toEqual(ownRequests());
  const ofCode = lines.filter(({ message }) => message === "code is done");
  expect(requestsOf(ofCode, ({ partition }) => partition).map(([partition]) => partition)).toEqual(
    ownRequests().map(([partition]) => partition),
  );
  expect(ofCode.map(({ ownPartition }) => ownPartition)).toEqual(ofCode.map(({ partition }) => partition));
  const metrics = lines.filter(({ _aws }) => _aws !== undefined);
  expect(metrics.map(({ RangesCompleted }) => RangesCompleted)).toEqual(events.map(() => 1));
  expect(metrics.map(({ RecordsProcessed = 0 }) => RecordsProcessed).toSorted((a, b) => a - b)).toEqual(
    events.map((_, partition) => partition + 1),
  );
});

function partitionOf(event: string): number {
  return JSON.parse(event).record.partition;
}

function requestsOf(lines: readonly Line[], partition: (line: Line) => number | undefined) {
  return lines
    .map((line) => [partition(line), line.function_request_id] as const)
    .toSorted(([a = 0], [b = 0]) => a - b);
}

/** Event n is of partition n. */
function ownRequests() {
  return Array.from({ length: RANGES }, (_, partition) => [partition, `request-${partition}`] as const);
}
