import { describe, expect, test } from "vitest";
import { ConfigurationError, DeadlineError, RangeReadError } from "../../../../../shared/core/errors.ts";
import { AdvertisedBrokers } from "../../../../../shared/kafka/cluster/advertised-brokers.ts";

const bootstrap = { host: "kafka", port: 9092 };
const broker = { nodeId: 7, host: "10.0.0.7", port: 9092 };

async function fail(error: Error, address: { host: string; port: number }, signal?: AbortSignal): Promise<unknown> {
  const brokers = new AdvertisedBrokers([bootstrap]);
  brokers.remember([broker], bootstrap);
  const connect = brokers.explaining(() => Promise.reject(error));
  return connect(address, signal).catch((thrown: unknown) => thrown);
}

describe("a connection that fails", () => {
  test("to an advertised address says whose it is, who told it, and that it must be reachable", async () => {
    const error = await fail(new RangeReadError("10.0.0.7:9092: ECONNREFUSED"), broker);

    expect(error).toEqual(
      new RangeReadError(
        "broker 7 advertises 10.0.0.7:9092 (told by kafka:9092), but 10.0.0.7:9092: ECONNREFUSED; what it has in advertised.listeners must be reachable from here",
      ),
    );
  });

  test("because the broker refused a token is none of its address's", async () => {
    const refusal = Object.assign(new Error("Too many connects"), { name: "KafkaJSSASLAuthenticationError" });
    const cause = new ConfigurationError("the broker refused the credentials", { cause: refusal });

    const error = await fail(new RangeReadError("refused; the policy may not be in force yet", { cause }), broker);

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^broker 7 advertises .* but refused; the policy may not be in force yet$/),
    });
  });

  test("for good stays somebody's to change", async () => {
    const error = await fail(new ConfigurationError("the listener wants TLS"), broker);

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^broker 7 advertises .* but the listener wants TLS$/),
    });
  });

  test("to a broker that somebody else told is still an advertised address's", async () => {
    const error = await fail(new RangeReadError("silent"), { ...broker, host: "10.0.0.8" });

    expect(error).toMatchObject({ message: expect.stringMatching(/^broker 7 advertises 10.0.0.8:9092, but silent; /) });
  });

  test.each([
    ["a bootstrap server", bootstrap],
    ["a bootstrap server that advertises itself", { ...broker, ...bootstrap }],
  ])("to %s is told as it is", async (_, address) => {
    const error = new RangeReadError("silent");

    expect(await fail(error, address)).toBe(error);
  });

  test("because the reader was told to stop is the reader's reason", async () => {
    const reason = new DeadlineError("time is up");

    expect(await fail(new RangeReadError("gone"), broker, AbortSignal.abort(reason))).toBe(reason);
    expect(await fail(reason, broker)).toBe(reason);
  });
});
