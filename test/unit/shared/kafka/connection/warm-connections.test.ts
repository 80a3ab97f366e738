import assert from "node:assert/strict";
import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import type { BrokerAddress } from "../../../../../shared/kafka/connection/broker-address.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";
import { ThrottleMeter } from "../../../../../shared/kafka/connection/throttle-meter.ts";
import {
  WarmConnections,
  type WarmConnectionsOptions,
} from "../../../../../shared/kafka/connection/warm-connections.ts";

const broker: BrokerAddress = { host: "a", port: 9092 };

class IdleConnection
  implements Pick<BrokerConnection, "address" | "throttleTimeMs" | "isUsable" | "setIdle" | "close">
{
  readonly address: BrokerAddress;
  throttleTimeMs = 0;
  isUsable = true;
  isIdle = false;

  constructor(address: BrokerAddress) {
    this.address = address;
  }

  setIdle(isIdle: boolean): void {
    this.isIdle = isIdle;
  }

  close(): void {
    this.isUsable = false;
  }
}

function aPool(options: Partial<WarmConnectionsOptions> = {}) {
  const opened: IdleConnection[] = [];
  const clock = { now: 1_000_000 };
  const connect = async (address: BrokerAddress) => {
    const connection = new IdleConnection(address);
    opened.push(connection);
    return connection as unknown as BrokerConnection; // The pool makes no call on it.
  };
  return { opened, clock, pool: new WarmConnections({ connect, now: () => clock.now, ...options }) };
}

describe("warm connections", () => {
  test("WM2: hand the same connection out again, idle in between", async () => {
    const { pool, opened } = aPool();

    const first = await pool.take(broker);
    pool.give(first);
    expect(opened[0]?.isIdle).toBe(true);
    const second = await pool.take(broker);

    expect(second).toBe(first);
    expect(opened[0]?.isIdle).toBe(false);
  });

  test("give two users at once, and two brokers, connections of their own", async () => {
    const { pool, opened } = aPool();

    await Promise.all([pool.take(broker), pool.take(broker), pool.take({ ...broker, port: 9093 })]);

    expect(opened.length).toBe(3);
  });

  test.each([
    ["was idle for longer than five minutes", 300_001],
    ["was put back in the future, as the clock went back", -1],
  ])("WM1: do not hand out a connection that %s", async (_, elapsedMs) => {
    const { pool, opened, clock } = aPool();

    pool.give(await pool.take(broker));
    clock.now += elapsedMs;
    await pool.take(broker);

    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, true]);
  });

  test("WM1: replace a connection that is ten minutes old, however busy", async () => {
    const { pool, opened, clock } = aPool();

    for (let minute = 0; minute <= 11; minute++) {
      pool.give(await pool.take(broker));
      clock.now += 59_000;
    }

    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, true]);
  });

  test("WM1: forget a connection that failed in use or while idle", async () => {
    const { pool, opened } = aPool();

    const failed = await pool.take(broker);
    failed.close(undefined);
    pool.give(failed);
    pool.give(await pool.take(broker));
    opened[1]?.close();
    await pool.take(broker);

    expect(opened.length).toBe(3);
  });

  test("WM3: are all gone after close, and none is opened", async () => {
    const { pool, opened } = aPool();
    pool.give(await pool.take(broker));
    await Promise.all([pool.take(broker), pool.take(broker)]);

    pool.close();

    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, false]);
    await expect(pool.take(broker)).rejects.toThrow(ConfigurationError);
  });

  test("WM4: beyond the capacity the one that was used least lately is closed, and none in use", async () => {
    const { pool, opened } = aPool({ maxCapacity: 3 });
    const ports = [1, 2, 3, 4];
    const [first, second, third] = await Promise.all(ports.slice(0, 3).map((port) => pool.take({ ...broker, port })));
    for (const connection of [second, first, third]) {
      pool.give(connection as BrokerConnection);
    }

    await pool.take({ ...broker, port: 4 });

    expect(opened.map(({ isUsable }) => isUsable)).toEqual([true, false, true, true]);
  });

  test("WM4: more than the capacity are opened where so many are in use, and closed as they are given back", async () => {
    const { pool, opened } = aPool({ maxCapacity: 2 });

    const taken = await Promise.all(Array.from({ length: 5 }, () => pool.take(broker)));
    expect(opened.filter(({ isUsable }) => isUsable).length).toBe(5);
    for (const connection of taken) {
      pool.give(connection);
    }

    expect(opened.filter(({ isUsable }) => isUsable).length).toBe(2);
  });

  test("WM4: a capacity of none keeps none", async () => {
    const { pool, opened } = aPool({ maxCapacity: 0 });

    pool.give(await pool.take(broker));
    pool.give(await pool.take(broker));

    expect(opened.map(({ isUsable }) => isUsable)).toEqual([false, false]);
  });

  test("WM5: after a mark the broker's idle ones are closed, and what is opened then is used again", async () => {
    const { pool, opened } = aPool();
    const other = { ...broker, port: 9_093 };
    pool.give(await pool.take(broker));
    pool.give(await pool.take(other));
    const openedAfter = pool.mark();

    pool.give(await pool.take(broker, { openedAfter }));
    pool.give(await pool.take(broker, { openedAfter }));

    expect(opened.map(({ address, isUsable }) => [address.port, isUsable])).toEqual([
      [9_092, false],
      [9_093, true],
      [9_092, true],
    ]);
  });

  test("tell each user what it was told to wait itself, also as its connection was opened", async () => {
    const { pool, opened } = aPool();
    const [first, second] = [new ThrottleMeter(), new ThrottleMeter()];

    const connection = await pool.take(broker, { meter: first });
    const [told] = opened;
    assert.ok(told !== undefined);
    told.throttleTimeMs = 5;
    pool.give(connection);
    await pool.take(broker, { meter: second });
    told.throttleTimeMs += 7;
    pool.discard(connection, undefined);
    told.throttleTimeMs += 100;

    expect([first.totalMs, second.totalMs]).toEqual([5, 7]);
  });
});
