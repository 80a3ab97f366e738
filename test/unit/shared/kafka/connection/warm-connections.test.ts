import { describe, expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import type { BrokerAddress } from "../../../../../shared/kafka/connection/broker-address.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";
import { WarmConnections } from "../../../../../shared/kafka/connection/warm-connections.ts";

const broker: BrokerAddress = { host: "a", port: 9092 };

class IdleConnection implements Pick<BrokerConnection, "address" | "isUsable" | "setIdle" | "close"> {
  readonly address: BrokerAddress;
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

function aPool() {
  const opened: IdleConnection[] = [];
  const clock = { now: 1_000_000 };
  const connect = async (address: BrokerAddress) => {
    const connection = new IdleConnection(address);
    opened.push(connection);
    return connection as unknown as BrokerConnection; // The pool makes no call on it.
  };
  return { opened, clock, pool: new WarmConnections(connect, () => clock.now) };
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
});
