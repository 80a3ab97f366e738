import { describe, expect, test } from "vitest";
import { kafkaOutput } from "../../../../../functions/outputs/kafka/kafka-output.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { formatAddress } from "../../../../../shared/kafka/connection/broker-address.ts";
import { parseBootstrapServers, resolveConnectOptions } from "../../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaRangeReader } from "../../../../../shared/kafka/read/range-reader.ts";

describe("bootstrap servers", () => {
  test("are host:port, IPv6 in brackets", () => {
    const servers = ["a.example:9092", " b:1 ", "[::1]:65535"];

    expect(parseBootstrapServers(servers)).toEqual([
      { host: "a.example", port: 9092 },
      { host: "b", port: 1 },
      { host: "::1", port: 65_535 },
    ]);
    expect(parseBootstrapServers(servers).map(formatAddress)).toEqual(["a.example:9092", "b:1", "[::1]:65535"]);
  });

  test.each(["a", "a:", "a:0", "a:65536", ":9092", "a:b", "::1:9092", "a b:1", "http://a:1"])(
    "%j is refused",
    (server) => {
      expect(() => parseBootstrapServers(["ok:1", server])).toThrow(ConfigurationError);
    },
  );

  test.each<[unknown, string]>([
    ["SASL_SSL://etl:s3cret@a:1", "bootstrapServers is a string; expected an array of host:port"],
    [["a:1", { server: "etl:s3cret@a:1" }], "bootstrapServers[1] is an object; expected host:port"],
    [undefined, "bootstrapServers is missing"],
    [["SASL_SSL://etl:s3cret@a:1"], 'bootstrap server "SASL_SSL://…@a:1" is not host:port'],
    [["etl:s3cret@a:1"], 'bootstrap server "…@a:1" is not host:port'],
    [["b:1", "etl:s3cret", "x@y,z@a:1"], 'bootstrap server "…@a:1" is not host:port'],
    ["etl:s3cret,x@a:1".split(","), 'bootstrap server "…@a:1" is not host:port'],
  ])("what is wrong is told without a password: %j", (servers, problem) => {
    const parse = () => parseBootstrapServers(servers as readonly string[]);

    expect(parse).toThrow(problem);
    expect(parse).not.toThrow("s3cret");
    const options = { clientId: "c", bootstrapServers: servers as readonly string[], topic: "t" };
    expect(() => createKafkaRangeReader(options)).not.toThrow("s3cret");
    expect(() => kafkaOutput(options)).not.toThrow("s3cret");
  });

  test("none at all are refused", () => {
    expect(() => parseBootstrapServers([])).toThrow("bootstrapServers is empty");
  });
});

describe("connect options", () => {
  const options = { clientId: "c", bootstrapServers: ["a:1"] };

  test("default to plaintext with the documented time-outs", () => {
    expect(resolveConnectOptions(options)).toEqual({
      clientId: "c",
      ssl: undefined,
      sasl: undefined,
      settingNames: {},
      connectTimeoutMs: 10_000,
      requestTimeoutMs: 15_000,
    });
  });

  test("ssl true is TLS with the system's authorities, false none", () => {
    expect(resolveConnectOptions({ ...options, ssl: true }).ssl).toEqual({});
    expect(resolveConnectOptions({ ...options, ssl: false }).ssl).toBeUndefined();
    expect(resolveConnectOptions({ ...options, ssl: { ca: "x" } }).ssl).toEqual({ ca: "x" });
  });

  test("a client id is what a request's header has room for", () => {
    expect(resolveConnectOptions({ ...options, clientId: "é".repeat(16_383) }).clientId).toHaveLength(16_383);
    expect(() => resolveConnectOptions({ ...options, clientId: "é".repeat(16_384) })).toThrow(
      "clientId has 32768 bytes",
    );
  });

  test.each([0, -1, 1.5, Number.NaN])("a time-out of %d ms is refused by name", (requestTimeoutMs) => {
    expect(() => resolveConnectOptions({ ...options, requestTimeoutMs })).toThrow("requestTimeoutMs");
  });
});
