import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCommandConfig } from "../../../../functions/cli/command-config.ts";
import { ConfigurationError } from "../../../../shared/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "command-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string) {
  const path = join(folder, "client.properties");
  writeFileSync(path, text);
  return readCommandConfig(path);
}

const jaas = (options: string) =>
  `sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required ${options};`;

test("an empty file is plaintext", () => {
  expect(read("")).toEqual({ ssl: false });
});

test("SCRAM over TLS, as Kafka's own tools take it", () => {
  const config = read(
    `security.protocol=SASL_SSL\nsasl.mechanism=SCRAM-SHA-512\n${jaas('username="alice" \\\n  password="wo\\\\"nder"')}\nclient.rack=zone-b`,
  );

  expect(config).toEqual({
    ssl: {},
    sasl: { mechanism: "scram-sha-512", username: "alice", password: 'wo"nder' },
    rackId: "zone-b",
  });
});

test("Spark's options, which have kafka. in front", () => {
  const config = read(
    `kafka.security.protocol=SASL_PLAINTEXT\nkafka.sasl.mechanism=PLAIN\nkafka.${jaas("username=alice password=secret")}`,
  );

  expect(config).toEqual({ ssl: false, sasl: { mechanism: "plain", username: "alice", password: "secret" } });
});

test("TLS with a private authority and a client's certificate in PEM", () => {
  writeFileSync(join(folder, "ca.pem"), "authority");
  const config = read(
    `security.protocol=SSL\nssl.truststore.type=PEM\nssl.truststore.location=${join(folder, "ca.pem")}\nssl.keystore.type=PEM\nssl.keystore.certificate.chain=chain\nssl.keystore.key=key\nssl.key.password=secret`,
  );

  expect(config).toEqual({ ssl: { ca: "authority", cert: "chain", key: "key", passphrase: "secret" } });
});

test.each([
  ["auto.offset.reset=latest", "auto.offset.reset is refused: a range says where it begins"],
  ["kafka.enable.auto.commit=false", "enable.auto.commit is refused"],
  ["key.deserializer=x", "key.deserializer is refused"],
  ["interceptor.classes=x", "interceptor.classes is refused"],
  ["group.id=g", "group.id is refused"],
  ["fetch.min.bytes=1", "fetch.min.bytes is not understood; remove it"],
  ["security.protocol=TLS", 'security.protocol "TLS" is not PLAINTEXT'],
  ["security.protocol=SSL\nssl.truststore.type=JKS", "ssl.truststore.type JKS cannot be read; convert it to PEM"],
  ["security.protocol=SSL\nssl.truststore.location=/no/such", 'ssl.truststore.location "/no/such" cannot be read'],
  ["security.protocol=SASL_SSL\nsasl.mechanism=GSSAPI", 'sasl.mechanism "GSSAPI" is not PLAIN'],
  [`security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\n${jaas('password="wonderland"')}`, "names no username"],
])("refuses %j", (text, message) => {
  expect(() => read(text)).toThrow(ConfigurationError);
  expect(() => read(text)).toThrow(message);
  expect(() => read(text)).not.toThrow("wonderland");
});

test("every problem is listed at once", () => {
  expect(() => read("group.id=g\nfetch.min.bytes=1")).toThrow(/group\.id is refused.*fetch\.min\.bytes is not/);
});
