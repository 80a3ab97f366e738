import { expect, test } from "vitest";
import { openCluster } from "../../../../../shared/kafka/cluster/cluster.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";

const broker = { host: "a", port: 9_092 };

test("an abort that comes between two requests sends no second one, and leaves the connection to others", async () => {
  let made = 0;
  const connect = async () => {
    made += 1;
    // Nothing is asked of it.
    const fake: unknown = { address: broker, isUsable: true, setIdle: () => undefined, close: () => undefined };
    return fake as BrokerConnection;
  };
  const cluster = openCluster({ clientId: "tests", bootstrapServers: ["a:9092"], connect });
  const asked: string[] = [];
  const use = (name: string, signal?: AbortSignal) => cluster.use(broker, async () => asked.push(name), signal);
  const controller = new AbortController();
  await use("before", controller.signal);

  controller.abort(new Error("time is up"));

  await expect(use("behind", controller.signal)).rejects.toThrow("time is up");
  await use("another's");
  expect(asked).toEqual(["before", "another's"]);
  expect(made).toBe(1);
});
