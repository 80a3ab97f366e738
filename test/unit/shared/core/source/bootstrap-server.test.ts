import { expect, test } from "vitest";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { parseBootstrapServer } from "../../../../../shared/core/source/bootstrap-server.ts";
import { createKafkaOffsetSource } from "../../../../../shared/kafka/offsets/offset-source.ts";

test.each([
  ["b-1.example:9092", "b-1.example", 9092],
  [" b_1:1 ", "b_1", 1],
  ["[2001:db8::1]:65535", "2001:db8::1", 65_535],
  ["SASL_SSL://b-1.example:9096", "b-1.example", 9096],
  ["sasl_ssl://[::1]:9096", "::1", 9096],
])("%s is read as Kafka's own clients read it", (text, host, port) => {
  expect(parseBootstrapServer(text, "SASL_SSL")).toEqual({ host, port });
});

test.each([
  ["b-1", "is not host:port"],
  ["b-1:", "is not host:port"],
  [":9092", "is not host:port"],
  ["b-1:0", "a port is from 1 to 65535"],
  ["b-1:70000", "a port is from 1 to 65535"],
  ["b-1:9o92", "is not host:port"],
  ["b 1:9092", "is not host:port"],
  ["::1:9092", "IPv6 addresses in brackets"],
  ["http://b-1:9092", "http is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL"],
  ["SSL://b-1:9092", "says SSL, but the security protocol is SASL_SSL"],
])("%s is refused, quoted", (text, message) => {
  expect(() => parseBootstrapServer(text, "SASL_SSL")).toThrow(ConfigurationError);
  expect(() => parseBootstrapServer(text, "SASL_SSL")).toThrow(`bootstrap server ${JSON.stringify(text)} `);
  expect(() => parseBootstrapServer(text, "SASL_SSL")).toThrow(message);
});

test.each([
  [{}, "SSL", "PLAINTEXT"],
  [{ ssl: true }, "PLAINTEXT", "SSL"],
  [{ ssl: true, sasl: { mechanism: "plain", username: "u", password: "p" } }, "SSL", "SASL_SSL"],
  [{ sasl: { mechanism: "plain", username: "u", password: "p" } }, "SASL_SSL", "SASL_PLAINTEXT"],
] as const)("a connection by %j takes no server of %s", (security, wrong, right) => {
  const open = (protocol: string) =>
    createKafkaOffsetSource({ clientId: "c", bootstrapServers: [`${protocol}://b-1:9092`], ...security });

  expect(() => open(wrong)).toThrow(`says ${wrong}, but the security protocol is ${right}`);
  expect(() => open(right)).not.toThrow();
});
