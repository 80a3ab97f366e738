import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import Broker from "kafkajs/src/broker/index.js";
import ConnectionPool, { type SilentLogger } from "kafkajs/src/network/connectionPool.js";
import { describe, expect, test } from "vitest";

const logger: SilentLogger = {
  namespace: () => logger,
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
};

function aPool() {
  return new ConnectionPool({
    host: "127.0.0.1",
    port: 1,
    clientId: "tests",
    ssl: null,
    sasl: null,
    logger,
    socketFactory: () => {
      throw new Error("nothing is dialled here");
    },
    connectionTimeout: 10,
    requestTimeout: 10,
    enforceRequestTimeout: false,
  });
}

/** What kafkajs-transport.ts relies on beyond kafkajs's public interface; read it again when one of these fails. */
describe("the internals of kafkajs", () => {
  test("are those of version 2.2.4", () => {
    const manifest = createRequire(import.meta.url).resolve("kafkajs/package.json");

    expect(JSON.parse(readFileSync(manifest, "utf8"))).toMatchObject({ version: "2.2.4" });
  });

  test("pool two connections, each with a queue whose timer can be replaced", () => {
    const { pool } = aPool();

    expect(pool.length).toBe(2);
    for (const { requestQueue } of pool) {
      expect(requestQueue).toMatchObject({
        pending: [],
        throttledUntil: -1,
        throttleCheckTimeoutId: null,
        scheduleCheckPendingRequests: expect.any(Function),
        maybeThrottle: expect.any(Function),
        checkPendingRequests: expect.any(Function),
      });
    }
  });

  test("take a whole response by processData, copied together with the chunks before it, and send by send", () => {
    const [connection] = aPool().pool;
    const processData = String(Object.getPrototypeOf(connection).processData);

    expect(processData).toContain("this.chunks.length > 1 ? Buffer.concat(this.chunks) : this.chunks[0]");
    expect(processData).toContain("this.chunks = [remainderBuffer]");
    expect(connection).toMatchObject({ chunks: [], processData: expect.any(Function), send: expect.any(Function) });
    expect(connection?.isConnected()).toBe(false);
  });

  test("tell the queue of each answer's throttle time", () => {
    const [connection] = aPool().pool;

    expect(String(Object.getPrototypeOf(connection).send)).toContain(
      "this.requestQueue.maybeThrottle(payloadDecoded.clientSideThrottleTime)",
    );
  });

  test("authenticate anew before a request, so many ms before the session's end", () => {
    const [connection] = aPool().pool;
    const send = String(Object.getPrototypeOf(connection).send);

    expect(connection).toMatchObject({ reauthenticationThreshold: 10_000 });
    expect(connection?.sessionLifetime.toNumber()).toBe(0);
    expect(send).toMatch(/!this\.isAuthenticated\(\) && isAuthenticatedRequest\(request\)[\s\S]*AUTHENTICATE/);
  });

  test("connect a broker by ApiVersions and SASL on the pool's first connection", () => {
    const broker = new Broker({ connectionPool: aPool(), logger });

    expect(broker.versions).toBeNull();
    expect(String(Object.getPrototypeOf(broker).connect)).toMatch(
      /getConnection\(\)[\s\S]*apiVersions\(\)[\s\S]*authenticate\(\)/,
    );
  });

  test("refuse to send before they are connected", async () => {
    const [connection] = aPool().pool;

    await expect(
      connection?.send({
        request: {
          apiKey: 18,
          apiVersion: 0,
          apiName: "ApiVersions",
          encode: async () => ({ buf: Buffer.alloc(0), buffer: Buffer.alloc(0), size: () => 0 }),
        },
        response: { decode: async () => ({ clientSideThrottleTime: 0 }), parse: async (decoded) => decoded },
        logResponseError: false,
      }),
    ).rejects.toThrow("Not connected");
  });
});
