// The processor in a process of its own, as a warm environment: it is invoked for one range
// after the other, none of which has a visible record, and measures what an invocation takes.

import { createInterface } from "node:readline";
import { createRangeProcessor } from "../../../functions/processor/create-range-processor.ts";
import { newRange } from "../../../shared/core/range/new-range.ts";
import { createSignedDynamoDB } from "../../../shared/dynamodb/calls/signed-calls.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createKafkaOffsetSource } from "../../../shared/kafka/offsets/offset-source.ts";
import { encodeEnvironment } from "../../../shared/wire/environment/environment-variables.ts";
import { processorEnvironment } from "../../../shared/wire/environment/function-environment.ts";
import { encodeRangeMessage } from "../../../shared/wire/events/range-message.ts";
import { localAccess } from "../../support/aws-access.ts";
import { processorRules } from "../../support/builders/builders.ts";
import { median } from "../median.ts";
import type { InvokingResult, InvokingStack, InvokingTask } from "./invoking.ts";

const PIPELINE = "bench";
const stack: InvokingStack = JSON.parse(process.argv[2] ?? "{}"); // Given by the bench.

// What the function logs is no answer.
const answer = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);

Object.assign(process.env, {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "local",
  AWS_SECRET_ACCESS_KEY: "local",
  AWS_ENDPOINT_URL: stack.dynamodbEndpoint,
  POWERTOOLS_SERVICE_NAME: PIPELINE,
  ...encodeEnvironment(processorEnvironment, {
    ...processorRules(),
    pipeline: PIPELINE,
    ledgerTable: stack.ledgerTable,
    bootstrapServers: [stack.bootstrapServers],
    securityProtocol: "PLAINTEXT",
    retentionMs: 2_592_000_000,
    requireConsecutiveOffsets: false,
  }),
});
const handler = createRangeProcessor({ process: (range) => range.writeEach(() => undefined) });
const events = await planEvents();

for await (const line of createInterface({ input: process.stdin })) {
  const task: InvokingTask = JSON.parse(line);
  const result = await run(task).catch((error: unknown) => ({ error: String(error) }));
  answer(`${JSON.stringify(result)}\n`);
}
process.exit(0);

async function run({ warmUp, ranges }: InvokingTask): Promise<InvokingResult> {
  for (const event of events.splice(0, warmUp)) {
    await invoke(event);
  }
  const measured = events.splice(0, ranges);
  const wall: number[] = [];
  const before = process.cpuUsage();
  for (const event of measured) {
    const startedAt = performance.now();
    await invoke(event);
    wall.push(performance.now() - startedAt);
  }
  const { user, system } = process.cpuUsage(before);
  return { wallMs: median(wall), cpuMs: (user + system) / 1_000 / measured.length };
}

async function invoke(event: string): Promise<void> {
  const context = {
    awsRequestId: crypto.randomUUID(),
    functionName: "processor",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:123456789012:function:processor",
    memoryLimitInMB: "1769",
    getRemainingTimeInMillis: () => 60_000,
  };
  const outcome: unknown = await handler(JSON.parse(event), context);
  if ((outcome as { readonly kind?: string }).kind !== "completed") {
    throw new Error(`a range was not completed: ${JSON.stringify(outcome)}`);
  }
}

/** One range of one offset each, planned as the scheduler plans it. */
async function planEvents(): Promise<string[]> {
  const source = createKafkaOffsetSource({ clientId: PIPELINE, bootstrapServers: [stack.bootstrapServers] });
  const { partitions } = await source.describe({ topics: [stack.topic] });
  const [partition] = partitions;
  if (partition?.leader === undefined) {
    throw new Error(`${stack.topic} has no leader`);
  }
  const { topic, topicId, leader } = partition;
  const [end] = await source.listOffsets([partition], "latest", "read_committed");
  await source.close();
  if (end?.kind !== "listed" || end.offset === undefined) {
    throw new Error(`${topic} has no end`);
  }
  const dynamodb = createSignedDynamoDB(localAccess(stack.dynamodbEndpoint));
  const ledger = createRangeLedger(dynamodb, { tableName: stack.ledgerTable, newId: () => crypto.randomUUID() });
  const planned: string[] = [];
  for (let fromOffset = 0n; fromOffset < end.offset; fromOffset += 1n) {
    const { record } = await ledger.planRange(
      newRange({
        chain: { pipeline: PIPELINE, topicId, partition: 0 },
        topic,
        fromOffset,
        untilOffset: fromOffset + 1n,
        batchId: crypto.randomUUID(),
        writeId: crypto.randomUUID(),
        now: Date.now(),
      }),
    );
    planned.push(encodeRangeMessage({ record, leader }));
  }
  return planned;
}
