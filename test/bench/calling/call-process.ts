// One client in a process of its own: makes the calls of each task given as a line of JSON.

import { createInterface } from "node:readline";
import { mapConcurrently } from "../../../shared/core/map-concurrently.ts";
import { NO_COUNTS } from "../../../shared/core/range/range-record.ts";
import { encodeRange } from "../../../shared/dynamodb/items/item-codec.ts";
import { aChain, aRange } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";
import type { CallResult, CallTask, ClientName, OperationName } from "./calling.ts";
import { type BenchClient, openClient } from "./open-client.ts";

const [, , name = "signed", endpoint = ""] = process.argv;
const client = openClient(name as ClientName, endpoint); // Given by the bench.

const Item = encodeRange({ ...aRange(aChain()), counts: NO_COUNTS });
const Key = { pk: Item["pk"] ?? { S: "" }, sk: Item["sk"] ?? { S: "" } };
const update = {
  TableName: "ranges",
  Key,
  UpdateExpression: `SET ${Object.keys(Item)
    .map((attribute) => `#${attribute} = :${attribute}`)
    .join(", ")}`,
  ExpressionAttributeNames: Object.fromEntries(Object.keys(Item).map((attribute) => [`#${attribute}`, attribute])),
  ExpressionAttributeValues: Object.fromEntries(
    Object.entries(Item).map(([attribute, value]) => [`:${attribute}`, value]),
  ),
};
const payload = JSON.stringify(Item);

const operations: Readonly<Record<OperationName, (on: BenchClient) => Promise<void>>> = {
  UpdateItem: ({ dynamodb }) => dynamodb.updateItem(update),
  TransactWriteItems: ({ dynamodb }) =>
    dynamodb.transactWriteItems({ TransactItems: [{ Update: update }, { Update: update }] }),
  Invoke: ({ invoker }) => invoker.invokeEvent("processor", payload),
};

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await run(JSON.parse(line) as CallTask).catch((error: unknown) => ({ error: String(error) }));
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0);

async function run({ operation, calls, concurrency }: CallTask): Promise<CallResult> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await mapConcurrently([...Array(calls).keys()], concurrency, () => operations[operation](client));
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000 / calls, wallMs: (performance.now() - startedAt) / calls };
}
