import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { LedgerUnavailableError } from "../../../shared/core/errors.ts";
import {
  LEDGER_CONNECT_TIMEOUT_MS,
  LEDGER_REQUEST_ATTEMPTS,
  LEDGER_REQUEST_TIMEOUT_MS,
} from "../../../shared/core/limits.ts";
import { REMOTE } from "../../../shared/dynamodb/calls/call-timeouts.ts";
import { createDynamoDBClient } from "../../../shared/dynamodb/calls/client.ts";
import { sdkCalls } from "../../../shared/dynamodb/calls/sdk-calls.ts";
import { createSignedDynamoDB } from "../../../shared/dynamodb/calls/signed-calls.ts";
import { createRangeLedger } from "../../../shared/dynamodb/range-ledger.ts";
import { createDynamoDBRangeLedger } from "../../../shared/dynamodb/sdk-range-ledger.ts";
import { localAccess, sdkAccess } from "../../support/aws-access.ts";
import { aChain, aRange } from "../../support/ledger/range-ledger-contract/ledger-under-test.ts";

/** Between the tries. */
const BACKOFF_ALLOWANCE_MS = 2_000;

const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
const DRIP_MS = 200;

const servers: Readonly<Record<string, (socket: Socket) => void>> = {
  "says nothing": () => {},
  "stops in the middle of an answer": (socket) => socket.write(`${HEAD}{`),
  "drips an answer that never ends": (socket) => {
    socket.write(HEAD);
    const drip = setInterval(() => socket.write(" "), DRIP_MS);
    socket.on("close", () => clearInterval(drip));
  },
};

const clients = {
  "a function's": (endpoint: string) => createSignedDynamoDB(localAccess(endpoint)),
  "a command's": (endpoint: string) => sdkCalls(createDynamoDBClient(sdkAccess(localAccess(endpoint)))),
};
const cases = Object.entries(clients).flatMap(([whose, open]) =>
  Object.entries(servers).map(([does, serve]) => ({ whose, open, does, serve })),
);

test.concurrent.each(cases)(
  "G7, AC1: for $whose client a ledger that $does is unavailable in a bounded time",
  async ({ open, serve }) => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      serve(socket);
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo; // A server on a port has one.
    const calls = open(`http://127.0.0.1:${port}`);
    const ledger = createRangeLedger(calls, { tableName: "silent", newId: randomUUID });
    const startedAt = performance.now();

    await expect(ledger.planRange(aRange(aChain()))).rejects.toThrow(LedgerUnavailableError);

    const limit = LEDGER_REQUEST_ATTEMPTS * (LEDGER_CONNECT_TIMEOUT_MS + 2 * LEDGER_REQUEST_TIMEOUT_MS);
    expect(performance.now() - startedAt).toBeLessThan(limit + BACKOFF_ALLOWANCE_MS);
  },
);

test("G7: a command waits for a table that answers slower than a function would", async () => {
  // One try takes longer than all of a function's tries together may.
  const functionMs = LEDGER_REQUEST_ATTEMPTS * LEDGER_REQUEST_TIMEOUT_MS + BACKOFF_ALLOWANCE_MS;
  const server = createHttpServer((_, response) => {
    setTimeout(() => response.end(JSON.stringify({})), functionMs);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // A server on a port has one.
  const client = createDynamoDBClient(sdkAccess(localAccess(`http://127.0.0.1:${port}`)), REMOTE);
  const ledger = createDynamoDBRangeLedger(client, { tableName: "slow", newId: randomUUID });

  expect(await ledger.newestRange(aChain())).toBeUndefined();

  client.destroy();
  server.close();
});
