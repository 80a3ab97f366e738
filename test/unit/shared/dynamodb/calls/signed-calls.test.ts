// The signed client against the AWS SDK, call by call: the same requests, and of the same
// answers the same results and errors.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type DynamoDBCalls, isAnswer } from "../../../../../shared/dynamodb/calls/dynamodb-calls.ts";
import { sdkCalls } from "../../../../../shared/dynamodb/calls/sdk-calls.ts";
import { createSignedDynamoDB, type SignedDynamoDB } from "../../../../../shared/dynamodb/calls/signed-calls.ts";
import { localAccess, sdkAccess } from "../../../../support/aws-access.ts";

interface Sent {
  readonly target: string | string[] | undefined;
  readonly body: unknown;
}

let sent: Sent[] = [];
let answer: { status: number; body: unknown } = { status: 200, body: {} };
let signed: SignedDynamoDB;
let sdk: DynamoDBCalls;
let client: DynamoDBClient;
const server = createServer((request, response) => void serve(request, response));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  sent.push({ target: request.headers["x-amz-target"], body: JSON.parse(await text(request)) });
  const { status, body } = answer;
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0" }).end(JSON.stringify(body));
}

beforeAll(async () => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  const access = localAccess(`http://127.0.0.1:${port}`);
  signed = createSignedDynamoDB(access, { connectMs: 5_000, requestMs: 5_000 });
  client = new DynamoDBClient({ ...sdkAccess(access), maxAttempts: 1 });
  sdk = sdkCalls(client);
});
beforeEach(() => {
  sent = [];
  answer = { status: 200, body: {} };
});
afterAll(() => {
  signed.close();
  client.destroy();
  server.closeAllConnections();
  server.close();
});

const bytes = Buffer.from([0, 255, 128]);
const Item = {
  pk: { S: "naïve \u{1f600} \ud800" },
  n: { N: "12345678901234567890" },
  b: { B: bytes },
  bs: { BS: [bytes, new Uint8Array([1])] },
  ss: { SS: ["a", "b"] },
  m: { M: { B: { S: "not bytes" }, deep: { L: [{ B: bytes }, { NULL: true }, { BOOL: false }] } } },
};
const TableName = "ranges";
const calls: Readonly<Record<string, (client: DynamoDBCalls) => Promise<unknown>>> = {
  GetItem: (on) => on.getItem({ TableName, Key: { pk: { B: bytes } }, ConsistentRead: true }),
  PutItem: (on) => on.putItem({ TableName, Item, ConditionExpression: "attribute_not_exists(pk)" }),
  UpdateItem: (on) =>
    on.updateItem({ TableName, Key: { pk: { S: "a" } }, ExpressionAttributeValues: { ":b": { B: bytes } } }),
  Query: (on) => on.query({ TableName, Limit: 1, ScanIndexForward: false, ExclusiveStartKey: { pk: { B: bytes } } }),
  DescribeTable: (on) => on.describeTable({ TableName }),
  TransactWriteItems: (on) =>
    on.transactWriteItems({
      ClientRequestToken: "token",
      TransactItems: [{ Put: { TableName, Item } }, { Delete: { TableName, Key: { pk: { B: bytes } } } }],
    }),
};

describe.each(Object.entries(calls))("%s", (operation, call) => {
  test("is sent as the SDK sends it", async () => {
    await call(signed);
    await call(sdk);

    expect(sent[0]).toEqual(sent[1]);
    expect(sent[0]?.target).toBe(`DynamoDB_20120810.${operation}`);
  });

  test("is refused with the same fields", async () => {
    const wire = { ...Item, b: { B: bytes.toString("base64") }, bs: { BS: ["AQ=="] }, m: { M: {} } };
    answer = {
      status: 400,
      body: {
        __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        message: "The conditional request failed",
        Item: wire,
      },
    };

    const [own, theirs] = await Promise.all([signed, sdk].map((on) => call(on).catch((error: unknown) => error)));

    expect(isAnswer(own) && isAnswer(theirs)).toBe(true);
    expect(own).toMatchObject({ name: "ConditionalCheckFailedException", message: "The conditional request failed" });
    expect(refusalOf(own)).toEqual(refusalOf(theirs));
  });
});

test("SC2: a cancelled transaction has its reasons", async () => {
  const CancellationReasons = [
    { Code: "None" },
    { Code: "ConditionalCheckFailed", Message: "no", Item: { b: { B: "AP+A" } } },
  ];
  answer = {
    status: 400,
    body: { __type: "x#TransactionCanceledException", Message: "cancelled", CancellationReasons },
  };

  const own = await calls["TransactWriteItems"]?.(signed).catch((error: unknown) => error);

  expect(own).toMatchObject({
    name: "TransactionCanceledException",
    CancellationReasons: [
      { Code: "None" },
      { Code: "ConditionalCheckFailed", Message: "no", Item: { b: { B: bytes } } },
    ],
  });
});

test("a transaction without a token gets one of its own", async () => {
  const transaction = { TransactItems: [{ Put: { TableName, Item } }] };

  await signed.transactWriteItems(transaction);
  await signed.transactWriteItems(transaction);

  const tokens = sent.map(({ body }) => (body as { readonly ClientRequestToken: string }).ClientRequestToken);
  expect(tokens).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
  expect(tokens[0]).not.toBe(tokens[1]);
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

test("SC1: any attribute value is sent, and read, as by the SDK", async () => {
  const name = fc.string({ maxLength: 3 });
  const { value } = fc.letrec<{ value: object }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.record({ S: fc.string() }),
      fc.record({ N: fc.bigInt().map(String) }),
      fc.record({ B: fc.uint8Array() }),
      fc.record({ BS: fc.array(fc.uint8Array(), { minLength: 1 }) }),
      fc.record({ NULL: fc.constant(true) }),
      fc.record({ L: fc.array(tie("value"), { maxLength: 3 }) }),
      fc.record({
        M: fc.dictionary(fc.oneof(name, fc.constantFrom("B", "BS", "M", "S")), tie("value"), { maxKeys: 3 }),
      }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, value, { minKeys: 1, maxKeys: 4, noNullPrototype: true }), async (item) => {
      sent = [];
      answer = { status: 200, body: {} };
      // Whatever the generator makes is an item.
      const input = { TableName, Item: item as typeof Item };
      await signed.putItem(input);
      await sdk.putItem(input);
      expect(sent[0]).toEqual(sent[1]);

      answer = { status: 200, body: { Item: bodyOf(sent[0]).Item } };
      const [own, theirs] = await Promise.all([
        signed.getItem({ TableName, Key: {} }),
        sdk.getItem({ TableName, Key: {} }),
      ]);
      expect(plain(own.Item)).toEqual(plain(theirs.Item));
      expect(plain(own.Item)).toEqual(plain(item));
    }),
    { numRuns: 60 },
  );
});

function bodyOf(request: Sent | undefined) {
  return (request ?? expect.unreachable("nothing was sent")).body as { readonly Item: unknown };
}

function refusalOf(error: unknown) {
  const { name, message, Item: item } = error as Error & { readonly Item: unknown }; // As it was answered.
  return { name, message, item: plain(item) };
}

/** Bytes of either kind as numbers. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) {
    return [...value];
  }
  if (Array.isArray(value)) {
    return value.map(plain);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
    : value;
}
