// Moving in from a consumer group and back again, as cdk/guides/moving-in.md says: a consumer of that group
// stands for an event source mapping, and its handler goes on over exact ranges, not a line of it changed.

import { randomUUID } from "node:crypto";
import { Kafka, logLevel } from "kafkajs";
import { expect, inject, onTestFinished, test } from "vitest";
import { createKafkaGroupOffsets } from "../../../shared/kafka/groups/group-offsets.ts";
import { jsonLines, runRanges } from "../../support/cli/run-ranges.ts";
import { openHandlerPair } from "../../support/functions/handler-pair.ts";
import { connectKafkaTopics } from "../../support/kafka/kafka-topics.ts";
import { createLedgerTable } from "../../support/ledger/ledger-table.ts";

const bootstrapServers = inject("kafka.bootstrapServers");
const dynamodbEndpoint = inject("dynamodbLocal.endpoint");
const COMMITTED_WITHIN_MS = 60_000;
const eventSource = JSON.stringify(
  new URL("../../../functions/event-source/from-event-source-handler.ts", import.meta.url).pathname,
);

/** A handler of a mapping, which prints what it is given. */
const BODY = `
  const { fromEventSourceHandler } = await import(${eventSource});
  const handler = async ({ records }) => {
    for (const { offset, value } of Object.values(records).flat()) {
      console.log(JSON.stringify({ handled: offset + "=" + Buffer.from(value, "base64") }));
    }
    return { batchItemFailures: [] };
  };
  await fromEventSourceHandler(handler, { BatchSize: 2, FunctionResponseTypes: ["ReportBatchItemFailures"] })(range);`;

/** Consumes with the group until it has committed this offset, and leaves it. */
async function consumeUntil(groupId: string, topic: string, offset: number): Promise<readonly string[]> {
  const kafka = new Kafka({ brokers: [bootstrapServers], clientId: "mapping", logLevel: logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId, sessionTimeout: 30_000 });
  onTestFinished(() => consumer.disconnect());
  const { promise: isDone, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Error(`nothing was consumed up to ${offset}`)), COMMITTED_WITHIN_MS);
  const handled: string[] = [];
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ message, partition }) => {
      // What lies behind is left to who comes next.
      if (Number(message.offset) < offset) {
        handled.push(`${message.offset}=${message.value?.toString()}`);
        await consumer.commitOffsets([{ topic, partition, offset: String(Number(message.offset) + 1) }]);
      }
      if (Number(message.offset) + 1 === offset) {
        resolve();
      }
    },
  });
  await isDone.finally(() => clearTimeout(timer));
  await consumer.disconnect();
  return handled;
}

test("G2 G5 GS1: a mapping's group, its handler over ranges, and the group again have each record once", async () => {
  const topics = await connectKafkaTopics(bootstrapServers);
  onTestFinished(() => topics.close());
  const topic = await topics.create();
  const groupId = randomUUID();
  const values = ["a", "b", "c", "d", "e", "f", "g", "h"];
  await topics.produce(
    topic,
    values.slice(0, 6).map((value) => ({ value })),
  );
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const variables = { RANGES_STARTING_OFFSETS_FROM_GROUP: groupId, RANGES_COMMIT_GROUP_ID: groupId };

  const before = await consumeUntil(groupId, topic, 2);
  await pair.schedule(variables);
  const { answers, entries } = await pair.processIn([...pair.dispatched], { body: BODY });
  // The run behind the completion tells the group of it.
  await pair.schedule(variables);
  await topics.produce(
    topic,
    values.slice(6).map((value) => ({ value })),
  );
  const after = await consumeUntil(groupId, topic, 8);

  expect(answers.map(({ result }) => result)).toMatchObject([{ kind: "completed" }]);
  const over = entries.flatMap((entry) => ("handled" in entry ? [String(entry["handled"])] : []));
  expect({ before, over, after }).toEqual({
    before: ["0=a", "1=b"],
    over: ["2=c", "3=d", "4=e", "5=f"],
    after: ["6=g", "7=h"],
  });
  const proof = await runRanges(["verify", "--json", "--table", table.tableName, "--endpoint-url", dynamodbEndpoint]);
  expect(proof.code).toBe(0);
  expect(jsonLines(proof.stdout)).toMatchObject([{ whole: true }]);
});

test("COF4 COF5: a consumer that takes the group over from a paused pipeline is set back neither by it nor by its resume", async () => {
  const topics = await connectKafkaTopics(bootstrapServers);
  onTestFinished(() => topics.close());
  const topic = await topics.create();
  const groupId = randomUUID();
  const table = await createLedgerTable(dynamodbEndpoint);
  onTestFinished(() => table[Symbol.asyncDispose]());
  const pair = await openHandlerPair({ bootstrapServers, dynamodbEndpoint, ledgerTable: table.tableName, topic });
  onTestFinished(() => pair[Symbol.asyncDispose]());
  const variables = { RANGES_COMMIT_GROUP_ID: groupId };
  const options = { clientId: "tests", bootstrapServers: [bootstrapServers] };
  const inGroup = () =>
    createKafkaGroupOffsets(options, groupId).fetch(
      [{ topic, partition: 0 }],
      AbortSignal.timeout(COMMITTED_WITHIN_MS),
    );
  const place = ["--table", table.tableName, "--pipeline", "Orders", "--endpoint-url", dynamodbEndpoint];
  await topics.produce(
    topic,
    ["a", "b", "c"].map((value) => ({ value })),
  );
  const drain = { drain: { drainId: "back" } };
  const first = await pair.schedule(variables, drain);
  await pair.processIn([...pair.dispatched]);
  const drained = await pair.schedule(variables, drain);
  expect(first.result).toMatchObject({ drain: { isDone: false } });
  expect(drained.result).toMatchObject({ drain: { isDone: true }, batch: { frontier: { committed: 1 } } });

  const paused = await runRanges(["pause", ...place, "--reason", "back to the consumer"]);
  await topics.produce(
    topic,
    ["d", "e"].map((value) => ({ value })),
  );
  expect(await consumeUntil(groupId, topic, 5)).toEqual(["3=d", "4=e"]);
  const underPause = await pair.schedule(variables);

  expect(paused.code).toBe(0);
  expect(underPause.result).toMatchObject({ batch: { kinds: { paused: 1 }, frontier: { committed: 0 } } });
  expect(await inGroup()).toEqual(new Map([[`${topic}-0`, 5n]]));

  const status = ["status", ...place, "--bootstrap-servers", bootstrapServers, "--group", groupId];
  const { stdout } = await runRanges(status);
  expect(stdout).toContain(
    `Orders ${topic}-0: group ${groupId} stands at 5, the ledger at 3: somebody consumed with it`,
  );
  expect(stdout).toContain(`--topic ${topic}:0 --to-offset 3 --execute`);
  expect(JSON.parse((await runRanges([...status, "--json"])).stdout)).toMatchObject({
    partitions: [{ checkpoint: "3", group: { groupId, offset: "5" } }],
  });

  await runRanges(["resume", ...place]);
  const resumed = await pair.schedule(variables);
  expect(resumed.result).toMatchObject({
    batch: {
      partitions: [{ kind: "planned", fromOffset: "3", untilOffset: "5" }],
      frontier: { committed: 0, ahead: { count: 1, partitions: [{ offset: "5", checkpoint: "3" }] } },
    },
  });
  expect(resumed.entries).toContainEqual(
    expect.objectContaining({ message: "the pipeline's group is ahead of it and was left there", groupId }),
  );
  expect(await inGroup()).toEqual(new Map([[`${topic}-0`, 5n]]));
});
