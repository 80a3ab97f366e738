// Stores of keys and certificates as Java services have them, on a real Kafka that wants a
// client certificate: who is trusted and who is let in is what Java's own client makes of them.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { kafkaAccessOf } from "../../../../functions/cli/options/kafka-access.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { pemOf, placeStore, recorded, recordedStore, titlesOf } from "../../../support/key-stores/recorded-stores.ts";

let folder: string;
let broker: KafkaBroker;
let topic: string;

const storeLines = async (what: "truststore" | "keystore", title: string): Promise<readonly string[]> => {
  const { type, password, keyPassword } = recordedStore(title);
  return [
    `ssl.${what}.type=${type}`,
    `ssl.${what}.location=${await placeStore(folder, title)}`,
    ...(password === undefined ? [] : [`ssl.${what}.password=${password}`]),
    ...(keyPassword === undefined ? [] : [`ssl.key.password=${keyPassword}`]),
  ];
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "key-stores-"));
  const own = [
    ...(await storeLines("keystore", "broker, broker")),
    ...(await storeLines("truststore", "JKS trusting root")),
  ];
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [{ name: "MUTUAL", protocol: "SSL" }],
    properties: {
      ...Object.fromEntries(own.map((line) => line.split("=", 2) as [string, string])),
      "ssl.client.auth": "required",
    },
  });
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  topic = await topics.create();
  await topics.close();
});

afterAll(async () => {
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

async function fileOf(lines: readonly string[]): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.properties`);
  await writeFile(
    file,
    [`bootstrap.servers=${broker.addresses["MUTUAL"]}`, "security.protocol=SSL", ...lines].join("\n"),
  );
  return file;
}

async function partitionsSeenBy(lines: readonly string[]): Promise<number> {
  const commandConfig = await fileOf(lines);
  const { options } = await kafkaAccessOf({ securityProtocol: "PLAINTEXT", commandConfig }, () => undefined);
  const source = createKafkaOffsetSource(options);
  try {
    return (await source.describe({ topics: [topic] })).partitions.length;
  } finally {
    await source.close();
  }
}

const inProperties = (pem: string) => pem.trim().replaceAll("\n", " \\\n  ");
const trusting = [
  ...["root", "intermediate", "broker"].flatMap((name) => [`JKS trusting ${name}`, `PKCS12 trusting ${name}`]),
  ...["legacy PKCS12 trusting root", "PKCS12 trusting root, without a password", "broker, broker"],
];

test.each(titlesOf("key").filter((title) => !title.startsWith("broker")))(
  "a client is let in by its key in %s",
  async (title) => {
    const lines = [...(await storeLines("keystore", title)), ...(await storeLines("truststore", "JKS trusting root"))];

    expect(await partitionsSeenBy(lines)).toBe(1);
  },
);

test.each(trusting)("the broker is trusted by %s", async (title) => {
  const lines = [...(await storeLines("keystore", "keytool, JKS")), ...(await storeLines("truststore", title))];

  expect(await partitionsSeenBy(lines)).toBe(1);
});

test("keys and certificates in PEM, in the settings and in files", async () => {
  const key = recorded.keys["client"] ?? "";
  const chain = pemOf(["client", "intermediate"]);
  await writeFile(join(folder, "client.pem"), key + chain);
  await writeFile(join(folder, "trusted.pem"), pemOf(["broker"]));
  const inline = [
    ...["ssl.keystore.type=PEM", `ssl.keystore.key=${inProperties(key)}`],
    ...[`ssl.keystore.certificate.chain=${inProperties(chain)}`, "ssl.truststore.type=PEM"],
    `ssl.truststore.certificates=${inProperties(pemOf(["intermediate"]))}`,
  ];
  const files = [
    ...["ssl.keystore.type=PEM", `ssl.keystore.location=${join(folder, "client.pem")}`],
    ...["ssl.truststore.type=PEM", `ssl.truststore.location=${join(folder, "trusted.pem")}`],
  ];

  expect(await partitionsSeenBy(inline)).toBe(1);
  expect(await partitionsSeenBy(files)).toBe(1);
});

test("ranges plan, by a file of Spring Boot's with Java's stores", async () => {
  const file = await fileOf([]);
  const { password, keyPassword } = recordedStore("keytool, JKS of EC, key password apart");
  await writeFile(
    file,
    `spring.kafka.bootstrap-servers=${broker.addresses["MUTUAL"]}
spring.kafka.security.protocol=SSL
spring.kafka.ssl.key-store-location=file:${await placeStore(folder, "keytool, JKS of EC, key password apart")}
spring.kafka.ssl.key-store-password=${password}
spring.kafka.ssl.key-password=${keyPassword}
spring.kafka.ssl.trust-store-location=file://${await placeStore(folder, "PKCS12 trusting intermediate")}
spring.kafka.ssl.trust-store-password=${password}
spring.kafka.consumer.auto-offset-reset=earliest
spring.kafka.consumer.group-id=orders`,
  );

  const { code, stdout, stderr } = await runRanges(["plan", "--command-config", file, "--topics", topic]);

  expect({ code, stdout: JSON.parse(stdout) }).toEqual({ code: 0, stdout: { ranges: [] } });
  expect(stderr).toContain("spring.kafka.consumer.group-id");
  expect(stderr).not.toContain(password ?? "");
});
