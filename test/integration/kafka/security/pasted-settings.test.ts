// Files of client properties as people have them, on a real broker: the same file lets
// Kafka's own tool in and us, or neither.

import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { runCommand } from "../../../../functions/local/process/run-command.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { kafkaClassPath } from "../../../../functions/local/servers/kafka-download.ts";
import { saslProperties } from "../../../local/servers/kafka-users.ts";
import { createKeyStore, type KeyStore } from "../../../local/servers/key-store.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";

const PASSWORD = "c;d 'x' /* y // z";
const LOGIN = `org.apache.kafka.common.security.plain.PlainLoginModule required`;

let folder: string;
let broker: KafkaBroker;
let store: KeyStore;
let topic: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pasted-settings-"));
  await mkdir(join(folder, "tls"));
  store = await createKeyStore(join(folder, "tls"));
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [
      { name: "SASL", protocol: "SASL_PLAINTEXT" },
      { name: "SASLTLS", protocol: "SASL_SSL" },
    ],
    properties: {
      ...store.brokerProperties,
      ...saslProperties("SASL", { name: "alice", password: PASSWORD }),
      ...saslProperties("SASLTLS", { name: "alice", password: PASSWORD }),
    },
  });
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  topic = await topics.create();
  await topics.produce(topic, [{ value: "one" }]);
  await topics.close();
});

afterAll(async () => {
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

async function properties(lines: readonly string[]): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.properties`);
  await writeFile(file, lines.join("\n"));
  return file;
}

const addressOf = (listener: string) => broker.addresses[listener] ?? "";

async function plan(listener: string, file: string) {
  const { code, stdout, stderr } = await runRanges([
    ...["plan", "--bootstrap-servers", addressOf(listener), "--command-config", file, "--topics", topic],
  ]);
  return { code, stderr, ranges: code === 0 ? JSON.parse(stdout).ranges : stdout };
}

/** Kafka's own tool, with the same file; its end of the partition. */
async function endOffsetByJava(listener: string, file: string): Promise<string> {
  const logFile = join(folder, `${crypto.randomUUID()}.log`);
  const command = ["org.apache.kafka.tools.GetOffsetShell", "--bootstrap-server", addressOf(listener)];
  await runCommand({
    name: "GetOffsetShell",
    command: "java",
    args: ["-cp", await kafkaClassPath(), ...command, "--command-config", file, "--topic", topic],
    logFile,
    deadlineMs: 60_000,
  });
  return readFile(logFile, "utf8");
}

const oneRange = () => [{ topic, partition: 0, fromOffset: "0", untilOffset: "1" }];

test.each([
  ["in single quotes", String.raw`${LOGIN} username='alice' password='c;d \\'x\\' /* y // z';`],
  [
    "in double quotes, with comments and no blank between",
    `/* who */ ${LOGIN} username="alice"password="${PASSWORD}"; // me`,
  ],
])("a password of blanks, semicolons and signs of comments %s is let in", async (_, jaas) => {
  const file = await properties([
    "security.protocol=sasl_plaintext ",
    "sasl.mechanism=PLAIN",
    `sasl.jaas.config=${jaas}`,
  ]);

  const [ours, java] = await Promise.all([plan("SASL", file), endOffsetByJava("SASL", file)]);

  expect(ours).toEqual({ code: 0, stderr: "", ranges: oneRange() });
  expect(java).toContain(`${topic}:0:1`);
});

test("a consumer's file with an authority on one line is let in, and what is not used is named once", async () => {
  const authority = (await readFile(store.caFile, "utf8")).trim().replaceAll(/\s*\n/g, " ");
  const file = await properties([
    `bootstrap.servers=${addressOf("SASLTLS")}`,
    "security.protocol=SASL_SSL",
    "ssl.truststore.type=PEM",
    `ssl.truststore.certificates=${authority}`,
    "sasl.mechanism=PLAIN",
    `sasl.jaas.config=${LOGIN} username="alice" password="${PASSWORD}";`,
    ...["group.id=g", "session.timeout.ms=45000", "client.dns.lookup=use_all_dns_ips", "acks=all"],
  ]);

  const [ours, java] = await Promise.all([plan("SASLTLS", file), endOffsetByJava("SASLTLS", file)]);

  expect(ours).toEqual({
    code: 0,
    stderr: expect.stringMatching(
      /^.*: not used, .* group.*: group\.id, session\.timeout\.ms\n.*: not used, .*: acks\n$/,
    ),
    ranges: oneRange(),
  });
  expect(java).toContain(`${topic}:0:1`);
});

test("a store whose password is not given is refused before anything is asked", async () => {
  const file = await properties(["security.protocol=SSL", `ssl.truststore.location=${store.storeFile}`]);

  const { code, stderr } = await plan("SASLTLS", file);

  expect(code).toBe(2);
  expect(stderr).toContain("cannot be opened without a password; give ssl.truststore.password");
});
