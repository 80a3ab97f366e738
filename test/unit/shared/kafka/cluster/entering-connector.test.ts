import { expect, test } from "vitest";
import { ConfigurationError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { createEnteringConnector } from "../../../../../shared/kafka/cluster/entering-connector.ts";
import type { BrokerConnection } from "../../../../../shared/kafka/connection/broker-connection.ts";
import type { KafkaEntry } from "../../../../../shared/kafka/connection/kafka-options.ts";

const ADDRESS = { host: "b-1", port: 9092 };
const [old, renewed]: readonly KafkaEntry[] = [{ ssl: { ca: "old" } }, { ssl: { ca: "renewed" } }];

/** A broker that refuses some entries, and a source that says others once it was refused. */
function open(refusals: ReadonlyMap<KafkaEntry["ssl"], Error>, next: KafkaEntry | undefined) {
  const tried: KafkaEntry["ssl"][] = [];
  const asked: boolean[] = [];
  const connect = createEnteringConnector(
    {
      clientId: "tests",
      bootstrapServers: ["b-1:9092"],
      entry: async ({ wasRefused }) => {
        asked.push(wasRefused);
        return (wasRefused ? next : old) ?? {};
      },
    },
    ({ ssl }) =>
      async () => {
        tried.push(ssl);
        const refusal = refusals.get(ssl);
        if (refusal !== undefined) {
          throw refusal;
        }
        return { address: ADDRESS } as BrokerConnection;
      },
  );
  return { asked, tried, connect: () => connect(ADDRESS) };
}

test("an entry that was renewed is taken after a refusal", async () => {
  const { asked, tried, connect } = open(new Map([[old?.ssl, new ConfigurationError("expired")]]), renewed);

  await connect();

  expect({ asked, tried }).toEqual({ asked: [false, true], tried: [old?.ssl, renewed?.ssl] });
});

test("EN1: one that was not renewed is not tried again, nor a renewed one a third time", async () => {
  const refusal = new ConfigurationError("expired");
  const unchanged = open(new Map([[old?.ssl, refusal]]), old);
  const refusedTwice = open(
    new Map([
      [old?.ssl, refusal],
      [renewed?.ssl, refusal],
    ]),
    renewed,
  );

  await expect(unchanged.connect()).rejects.toBe(refusal);
  await expect(refusedTwice.connect()).rejects.toBe(refusal);

  expect(unchanged.tried).toHaveLength(1);
  expect(refusedTwice.tried).toHaveLength(2);
});

test("what is no refusal is not asked about", async () => {
  const outage = new RangeReadError("nobody answers");
  const { asked, connect } = open(new Map([[old?.ssl, outage]]), renewed);

  await expect(connect()).rejects.toBe(outage);

  expect(asked).toEqual([false]);
});
