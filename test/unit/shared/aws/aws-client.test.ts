import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { AwsCallError } from "../../../../shared/aws/aws-call-error.ts";
import { type AwsClientOptions, createAwsClient } from "../../../../shared/aws/aws-client.ts";
import { createJsonCalls } from "../../../../shared/aws/json-calls.ts";
import { RETRY_QUOTA } from "../../../../shared/aws/limits.ts";
import { localAccess } from "../../../support/aws-access.ts";

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

/** A service that answers one after the other, and then the last for ever; and a client of it. */
async function startService(answers: readonly Answer[], options: Partial<AwsClientOptions> = {}) {
  const requests: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    const answer = answers[Math.min(requests.length, answers.length - 1)];
    requests.push(request.headers);
    request.resume().on("end", () => answer?.(response, request));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  const client = createAwsClient({
    ...localAccess(`http://127.0.0.1:${port}`),
    service: "dynamodb",
    timeouts: { connectMs: 5_000, requestMs: 5_000 },
    maxTries: 3,
    maxSockets: 4,
    random: () => 0,
    ...options,
  });
  onTestFinished(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const call = () => client.call({ method: "POST", path: "/", headers: {}, body: "{}" });
  return { client, call, requests };
}

const fine: Answer = (response) => response.end('{"fine":true}');
const refuse =
  (type: string, status = 400): Answer =>
  (response) =>
    response.writeHead(status).end(JSON.stringify({ __type: `com.amazonaws#${type}`, message: "no" }));
const hangUp: Answer = (response) => response.destroy();

describe("AC1: a try that may help is repeated", () => {
  test.each<[string, Answer]>([
    ["a connection that broke", hangUp],
    ["a fault of the service", refuse("InternalServerError", 500)],
    ["what a proxy says in its own words", (response) => response.writeHead(503).end("<html>")],
    ["a throttle", refuse("ProvisionedThroughputExceededException")],
    ["a throttle by its status", (response) => response.writeHead(429).end()],
  ])("after %s", async (_, failure) => {
    const { call, requests } = await startService([failure, failure, fine]);

    const answer = await call();

    expect(answer.body).toBe('{"fine":true}');
    expect(requests).toHaveLength(3);
  });

  test("but no more often than it may be", async () => {
    const { call, requests } = await startService([refuse("InternalServerError", 500)]);

    await expect(call()).rejects.toMatchObject({ name: "InternalServerError", statusCode: 500, message: "no" });

    expect(requests).toHaveLength(3);
  });
});

describe("AC1: a try ends in bounded time", () => {
  test.each<[string, Answer]>([
    ["without an answer", () => undefined],
    ["in the middle of an answer", (response) => response.writeHead(200, { "content-length": 10 }).write("{")],
  ])("%s", async (_, answer) => {
    const timeouts = { connectMs: 5_000, requestMs: 50 };
    const { call } = await startService([answer], { timeouts, maxTries: 1 });

    await expect(call()).rejects.toMatchObject({ name: "TimeoutError" });
  });

  test("before the connection is encrypted", async () => {
    const silent = createTcpServer(() => undefined).listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as AddressInfo; // A server on a port has one.
    const { endpoint } = localAccess(`https://127.0.0.1:${port}`);
    const { call } = await startService([fine], {
      endpoint,
      timeouts: { connectMs: 50, requestMs: 5_000 },
      maxTries: 1,
    });

    await expect(call()).rejects.toMatchObject({ name: "TimeoutError", message: "no connection within 50 ms" });
  });

  test("where nobody listens", async () => {
    const { call } = await startService([fine], localAccess("http://127.0.0.1:1"));

    await expect(call()).rejects.toMatchObject({ name: "ECONNREFUSED" });
  });
});

test.each(["ValidationException", "ConditionalCheckFailedException", "AccessDeniedException"])(
  "AC2: %s is not repeated, and keeps what it says",
  async (type) => {
    const body = JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${type}`, Message: "so", Item: { pk: 1 } });
    const { call, requests } = await startService([
      (response) => response.writeHead(400, { "x-amzn-requestid": "id-1" }).end(body),
    ]);

    await expect(call()).rejects.toMatchObject({
      name: type,
      message: "so",
      requestId: "id-1",
      answer: { Item: { pk: 1 } },
    });

    expect(requests).toHaveLength(1);
  },
);

test("an error is named by its header where the body does not name it", async () => {
  const { call } = await startService([
    (response) =>
      response
        .writeHead(404, { "x-amzn-errortype": "ResourceNotFoundException:http://internal.amazon.com/" })
        .end('{"Type":"User","Message":"gone"}'),
  ]);

  await expect(call()).rejects.toMatchObject({ name: "ResourceNotFoundException", message: "gone" });
});

describe("AC2: a clock that is wrong", () => {
  const HOUR_MS = 3_600_000;
  const tooEarly: Answer = (response) =>
    response
      .writeHead(400, { date: new Date(Date.now()).toUTCString() })
      .end('{"__type":"com.amazon.coral.service#InvalidSignatureException","message":"Signature expired"}');

  test("is corrected by the service's, for all calls that follow", async () => {
    const { call, requests } = await startService([tooEarly, fine], { now: () => Date.now() - HOUR_MS });

    await call();
    await call();

    const signedAt = requests.map(({ "x-amz-date": time }) =>
      Date.parse(String(time).replace(DATE, "$1-$2-$3T$4:$5:$6Z")),
    );
    expect(signedAt[0]).toBeLessThan(Date.now() - HOUR_MS / 2);
    expect(Math.min(...signedAt.slice(1))).toBeGreaterThan(Date.now() - HOUR_MS / 2);
    expect(requests).toHaveLength(3);
  });

  test("is corrected for each of the calls that were under way with it", async () => {
    const arrived = Promise.withResolvers<void>();
    const late: Answer = (response, request) => void arrived.promise.then(() => tooEarly(response, request));
    const last: Answer = (response, request) => {
      tooEarly(response, request);
      arrived.resolve();
    };
    const { call } = await startService([late, late, last, fine], { now: () => Date.now() - HOUR_MS });

    await expect(Promise.all([call(), call(), call()])).resolves.toHaveLength(3);
  });

  test("is no excuse for a signature that is refused by a right one", async () => {
    const { call, requests } = await startService([tooEarly]);

    await expect(call()).rejects.toMatchObject({ name: "InvalidSignatureException" });

    expect(requests).toHaveLength(1);
  });
});

const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;

test("AC3: while nothing succeeds the repetitions end, and begin again with what succeeds", async () => {
  let isUp = false;
  const { call, requests } = await startService([
    (response, request) => (isUp ? fine : refuse("InternalServerError", 500))(response, request),
  ]);
  for (let calls = 0; calls < RETRY_QUOTA; calls += 1) {
    await call().catch(() => undefined);
  }
  const before = requests.length;

  await call().catch(() => undefined);
  expect(requests.length - before).toBe(1);
  isUp = true;
  await call();
  isUp = false;
  await call().catch(() => undefined);

  expect(before).toBe(RETRY_QUOTA + RETRY_QUOTA);
  expect(requests.length - before).toBe(1 + 1 + 2);
});

test("credentials that have to be fetched are waited for; without any the call says so", async () => {
  const fetched = await startService([fine], {
    credentials: async () => ({ accessKeyId: "AKIDFETCHED", secretAccessKey: "secret", sessionToken: "token" }),
  });
  const none = await startService([fine], { credentials: () => Promise.reject(new Error("no role")) });

  await fetched.call();

  expect(fetched.requests[0]).toMatchObject({
    authorization: expect.stringContaining("Credential=AKIDFETCHED/"),
    "x-amz-security-token": "token",
  });
  await expect(none.call()).rejects.toThrow("no role");
});

test("createJsonCalls names the operation, and takes an empty answer for an empty object", async () => {
  const { client, requests } = await startService([(response) => response.end(), fine]);
  const call = createJsonCalls(client, { target: "DynamoDB_20120810", version: "1.0" });

  expect(await call("PutItem", {})).toEqual({});
  expect(await call("GetItem", {})).toEqual({ fine: true });

  expect(requests).toMatchObject([
    { "x-amz-target": "DynamoDB_20120810.PutItem", "content-type": "application/x-amz-json-1.0" },
    { "x-amz-target": "DynamoDB_20120810.GetItem" },
  ]);
});

test("an answer that is no JSON, as a proxy gives one, is no bug: it blames nobody's records", async () => {
  const { client } = await startService([(response) => response.end("<html>")]);
  const call = createJsonCalls(client, { target: "DynamoDB_20120810", version: "1.0" });

  await expect(call("GetItem", {})).rejects.toMatchObject({ name: "InvalidAnswer", statusCode: 200 });
  await expect(call("GetItem", {})).rejects.toBeInstanceOf(AwsCallError);
});

test("AC1: a call ends also where the answer asks for another protocol", async () => {
  const { call } = await startService([
    (response) =>
      response.socket?.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
  ]);

  await expect(call()).rejects.toBeInstanceOf(AwsCallError);
});
