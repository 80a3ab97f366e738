// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how Kafka's config providers are referred to.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CommandContext, readCommandConfig } from "../../../../../functions/cli/options/command-config.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";
import { createSelfSigned } from "../../../../support/self-signed-certificate.ts";

const folder = mkdtempSync(join(tmpdir(), "command-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** Without what is only for messages. */
async function read(text: string | Buffer, context: Partial<CommandContext> = {}) {
  const { settingNames: _, ...read } = await readNamed(text, context);
  return read;
}

function readNamed(text: string | Buffer, context: Partial<CommandContext> = {}) {
  const path = join(folder, "client.properties");
  writeFileSync(path, text);
  return readCommandConfig(path, { bootstrapServers: ["b-1:9092"], note: () => undefined, ...context });
}

async function notesOf(text: string): Promise<readonly string[]> {
  const notes: string[] = [];
  await read(text, { note: (line) => void notes.push(line) });
  return notes;
}

const plain = (options: string) =>
  `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=a.b.PlainLoginModule required ${options};`;

test("an empty file is plaintext", async () => {
  expect(await read("")).toEqual({ ssl: false });
});

test("Spark's options, which have kafka. in front", async () => {
  const config = await read(plain("username=alice password=secret").replace(/^/gm, "kafka."));

  expect(config).toEqual({ ssl: false, sasl: { mechanism: "plain", username: "alice", password: "secret" } });
});

test.each(["ssl", " SSL ", "Ssl\\t"])("security.protocol %j is SSL, as Kafka takes it", async (protocol) => {
  expect(await read(`security.protocol=${protocol}\nclient.id=me \nclient.rack=zone-b`)).toEqual({
    ssl: {},
    clientId: "me",
    rackId: "zone-b",
  });
});

test.each([
  ["UTF-8", Buffer.from(plain("username=é password=p"))],
  ["ISO 8859-1", Buffer.from(plain("username=é password=p"), "latin1")],
])("a file in %s", async (_, content) => {
  expect(await read(content)).toMatchObject({ sasl: { username: "é" } });
});

test("what changes no record that is read is named in one line, and what is of a group in another", async () => {
  const pasted = `bootstrap.servers=b-1:9092
group.id=g\nacks=all\nsession.timeout.ms=45000\nmax.poll.records=10\nreceive.buffer.bytes=65536
schema.registry.url=https://PLANTED\nbasic.auth.user.info=PLANTED`;

  expect(await notesOf(pasted)).toEqual([
    expect.stringMatching(
      /client\.properties: not used, since no consumer group is joined.*: group\.id, session\.timeout\.ms$/,
    ),
    expect.stringMatching(
      /client\.properties: not used.*: acks, basic\.auth\.user\.info, max\.poll\.records, receive\.buffer\.bytes, schema\.registry\.url$/,
    ),
  ]);
});

test("a deserializer that ranges read would run is not used by a command that decodes nothing", async () => {
  expect(
    await notesOf(
      "bootstrap.servers=b-1:9092\nvalue.deserializer=io.confluent.kafka.serializers.KafkaAvroDeserializer",
    ),
  ).toEqual([expect.stringMatching(/not used, since no record is decoded: value\.deserializer$/)]);
});

test("what is used is not spoken of", async () => {
  expect(
    await notesOf("security.protocol=SSL\nbootstrap.servers= b-1:9092\nclient.dns.lookup=use_all_dns_ips"),
  ).toEqual([]);
});

test.each([
  ["auto.offset.reset=newest", 'auto.offset.reset "newest" is not earliest, latest, none or by_duration:'],
  ["kafka.enable.auto.commit=maybe", "kafka.enable.auto.commit is neither true nor false"],
  [
    "key.deserializer=io.confluent.AvroDeserializer",
    'key.deserializer "io.confluent.AvroDeserializer" is not run here',
  ],
  [
    "kafka.interceptor.classes=x",
    "kafka.interceptor.classes is refused: nothing may stand between the log and its reader",
  ],
  [
    "ssl.engine.factory.class=x",
    "ssl.engine.factory.class is refused: no class of Java runs here; remove it, and give keys",
  ],
  ["sasl.login.class=x", "sasl.login.class is refused: no class of Java runs here"],
  [
    "security.protocol=SSL\nconfig.providers=file\nssl.key.password=${file:/a:b}",
    'ssl.key.password refers to "${file:/a:b}", which is not understood; there are ${secretsmanager:NAME:FIELD}, ${ssm::NAME}',
  ],
  [
    "config.providers.ssm.class=com.example.OurProvider\nssl.key.password=${ssm::/a}",
    'ssl.key.password refers to "${ssm::/a}", which is not understood',
  ],
  ["ssl.key.password=${secretsmanager:}", 'refers to "${secretsmanager:}", which has another form than'],
  ["client.dns.lookup=resolve_canonical_bootstrap_servers_only", "name the brokers by their canonical names"],
  ["exclude.internal.topics=false", "name an internal topic by its name"],
  ["fetch.min.bytes=1k", 'fetch.min.bytes "1k" is not a whole number from 0 to 2147483647'],
  ["request.timeout.ms=0", "is not a whole number from 1"],
  ["isolation.level=READ_COMMITTED", 'isolation.level "READ_COMMITTED" is not read_committed or read_uncommitted'],
  ["bootstrap.servers=b-1", 'bootstrap.servers: bootstrap server "b-1" is not host:port'],
  ["spring.kafka.consumer.fetch-min-size=1X", 'spring.kafka.consumer.fetch-min-size "1X" is not a size such as 64KB'],
  ["spring.kafka.ssl.trust-store-location=classpath:t.jks", "is no file of this machine"],
  [
    "sasl.oauthbearer.jwt.retriever.class=a.B",
    'sasl.oauthbearer.jwt.retriever.class "a.B" cannot be used: no class of Java',
  ],
  [
    "bootstrap.servers=b-2:9092",
    "bootstrap.servers is refused, remove it: it names other brokers than --bootstrap-servers",
  ],
  ["security.protocol=TLS", 'security.protocol "TLS" is not PLAINTEXT'],
  ["fetch.min.bites=1", "fetch.min.bites is not understood; was fetch.min.bytes meant?"],
  ["security_protocol=SSL", "was security.protocol meant?"],
  ["colour.of.logs=red", "colour.of.logs is refused, remove it: it is not understood"],
  ["ssl.cipher.suites=x", "ssl.cipher.suites is refused: its names are Java's"],
  [
    "sasl.username=alice",
    "sasl.username is librdkafka's, and Kafka's own clients have sasl.jaas.config, with username=\"…\"",
  ],
  [
    "ssl.ca.location=/etc/ca.pem",
    "ssl.ca.location is librdkafka's, and Kafka's own clients have ssl.truststore.location",
  ],
  ["metadata.broker.list=b:9092", "Kafka's own clients have bootstrap.servers"],
  ["enable.ssl.certificate.verification=false", "no counterpart, since certificates are always verified"],
  ["sasl.mechanism=PLAIN", "PLAINTEXT, the default of security.protocol, uses no sasl.mechanism"],
  ["security.protocol=SASL_PLAINTEXT\nssl.truststore.type=PEM", "SASL_PLAINTEXT uses no ssl.truststore.type"],
  ["security.protocol=SSL\nsasl.mechanism=PLAIN", "SSL uses no sasl.mechanism"],
  [
    "kafka.client.id=a\nclient.id=b",
    "client.id is given twice, as kafka.client.id and as client.id, with different values",
  ],
])("refuses %j", async (text, message) => {
  const context = text === "bootstrap.servers=b-1" ? { bootstrapServers: undefined } : {};

  await expect(read(text, context)).rejects.toThrow(ConfigurationError);
  await expect(read(text, context)).rejects.toThrow(message);
});

test("JS1: what may be a part of a password is not quoted for being no reference", async () => {
  const text = plain('username=a password="PLANTED${PLANTED}"');

  await expect(read(text)).rejects.toThrow("sasl.jaas.config has a ${…} that names no provider; there are");
  await expect(read(text)).rejects.not.toThrow("PLANTED");
});

test("nobody is asked for what is referred to by a setting that is not used, and providers alone say nothing", async () => {
  const providers = "config.providers=aws\nconfig.providers.aws.class=com.example.SsmParamStoreConfigProvider";

  expect(
    await notesOf(`${providers}\nschema.registry.url=\${ssm::/a}\nproducer.sasl.jaas.config=\${x}\ngroup.id=s3://a/b`),
  ).toEqual([
    expect.stringMatching(/no consumer group is joined.*: group\.id$/),
    expect.stringMatching(/: producer\.sasl\.jaas\.config, schema\.registry\.url$/),
  ]);
});

test("an isolation level is taken, and must be that of the command where it names one", async () => {
  expect(await read("isolation.level=read_committed", { isolationLevel: "read_committed" })).toEqual({ ssl: false });
  expect(await read("isolation.level=read_uncommitted")).toEqual({ ssl: false, isolationLevel: "read_uncommitted" });
  await expect(read("isolation.level=read_uncommitted", { isolationLevel: "read_committed" })).rejects.toThrow(
    "isolation.level is refused, remove it: it is not what --isolation-level says",
  );
});

test("every problem is listed at once, behind the file's name", async () => {
  await expect(read("auto.offset.reset=x\nfoo.bar=1")).rejects.toThrow(
    /client\.properties: auto\.offset\.reset "x" is not.*foo\.bar is refused, remove it/,
  );
});

test("where all can just be removed, that is said once", async () => {
  await expect(read("foo.bar=1\nbootstrap.servers=c:1")).rejects.toThrow(
    /client\.properties: remove foo\.bar, bootstrap\.servers: foo\.bar is refused: it is not understood; bootstrap\.servers is refused: it names other/,
  );
});

/** As Kafka's documentation, and many a project, has it. */
const consumerProperties = `bootstrap.servers=b-1:9092
group.id=orders
enable.auto.commit=true
auto.commit.interval.ms=1000
auto.offset.reset=earliest
key.deserializer=org.apache.kafka.common.serialization.StringDeserializer
value.deserializer=org.apache.kafka.common.serialization.StringDeserializer`;

test("an ordinary consumer's file is taken, and names its brokers", async () => {
  const notes: string[] = [];

  const taken = await read(consumerProperties, { bootstrapServers: undefined, note: (line) => void notes.push(line) });

  expect(taken).toEqual({ ssl: false, bootstrapServers: ["b-1:9092"], offsetReset: { kind: "earliest" } });
  expect(notes).toEqual([
    expect.stringContaining("enable.auto.commit=true is overridden by false, as Spark does"),
    expect.stringMatching(/no consumer group is joined.*: auto\.commit\.interval\.ms, group\.id$/),
  ]);
});

test("what is read, and how, is taken", async () => {
  const text = "request.timeout.ms=20000\nfetch.max.bytes=2000000\nfetch.min.bytes=9\nfetch.max.wait.ms=7";

  expect(await read(text)).toEqual({
    ssl: false,
    requestTimeoutMs: 20_000,
    fetchMaxBytes: 1_048_576,
    fetchMinBytes: 9,
    fetchMaxWaitMs: 7,
  });
  expect(await read(`${text}\nmax.partition.fetch.bytes=3000000`)).toMatchObject({ fetchMaxBytes: 2_000_000 });
  expect(await read("max.partition.fetch.bytes=0")).toMatchObject({ fetchMaxBytes: 1 });
  expect(await read("max.partition.fetch.bytes=2147483647\nfetch.max.bytes=2147483647")).toMatchObject({
    fetchMaxBytes: 536_870_912,
  });
});

test.each([
  ["Spark", "kafka.client.id=me\nkafka.fetch.min.bytes=65536\nkafka.isolation.level=read_committed"],
  [
    "a worker of Connect",
    "consumer.client.id=me\nconsumer.fetch.min.bytes=65536\nconsumer.isolation.level=read_committed\nclient.id=x",
  ],
  [
    "a connector",
    "consumer.override.client.id=me\nconsumer.override.fetch.min.bytes=65536\nconsumer.isolation.level=read_committed\nconsumer.client.id=x",
  ],
  [
    "Spring, in kebab case",
    "spring.kafka.consumer.client-id=me\nspring.kafka.consumer.fetch-min-size=64KB\nspring.kafka.consumer.isolation-level=read-committed\nspring.kafka.client-id=x",
  ],
  [
    "Spring, in camel case",
    "spring.kafka.consumer.clientId=me\nspring.kafka.consumer.fetchMinSize=65536\nspring.kafka.consumer.isolationLevel=READ_COMMITTED",
  ],
  [
    "Spring's properties, which go before the rest",
    "spring.kafka.properties.client.id=me\nspring.kafka.consumer.properties.fetch.min.bytes=65536\nspring.kafka.consumer.fetch-min-size=1B\nspring.kafka.properties.isolation.level=read_committed\nspring.kafka.client-id=x",
  ],
])("the names of %s", async (_, text) => {
  expect(await read(text)).toEqual({
    ssl: false,
    clientId: "me",
    fetchMinBytes: 65_536,
    isolationLevel: "read_committed",
  });
});

test("settings are named as the file spells them, in what is said of a connection", async () => {
  const authority = String(createSelfSigned("a").certificate).trim().replaceAll("\n", " ");
  const { settingNames } = await readNamed(
    `kafka.security.protocol=SASL_SSL
spring.kafka.ssl.trust-store-certificates=${authority}
kafka.sasl.mechanism=PLAIN
consumer.sasl.jaas.config=a required username=u password=p;`,
  );

  expect(settingNames).toEqual({
    protocol: "kafka.security.protocol",
    mechanism: "kafka.sasl.mechanism",
    credentials: "consumer.sasl.jaas.config",
    truststore: "spring.kafka.ssl.trust-store-certificates",
    keystore: "ssl.keystore.location",
    hostCheck: "ssl.endpoint.identification.algorithm",
  });
});

test("what a file of Spring or Connect has for other clients is not used", async () => {
  expect(
    await notesOf("spring.kafka.producer.acks=all\nproducer.linger.ms=5\nspring.kafka.listener.ack-mode=record"),
  ).toEqual([
    expect.stringMatching(/: producer\.linger\.ms, spring\.kafka\.listener\.ack-mode, spring\.kafka\.producer\.acks$/),
  ]);
});

test.each([
  ["earliest", { kind: "earliest" }],
  ["none", { kind: "none" }],
  ["by_duration:P1DT2H3M4.5S", { kind: "duration", durationMs: 93_784_500 }],
  ["by_duration:PT0S", { kind: "duration", durationMs: 0 }],
])("auto.offset.reset=%s is where a start that is not given is", async (value, offsetReset) => {
  expect(await read(`auto.offset.reset=${value}`)).toMatchObject({ offsetReset });
});

test.each([
  "by_duration:",
  "by_duration:P",
  "by_duration:PT",
  "by_duration:P1DT",
  "by_duration:-PT1S",
  "by_duration:1h",
  "Latest",
])("auto.offset.reset=%s is refused", async (value) => {
  await expect(read(`auto.offset.reset=${value}`)).rejects.toThrow("is not earliest, latest, none or by_duration:");
});

test.each([
  ["a key whose lines go on without a backslash", "ssl.keystore.key=-----BEGIN PRIVATE KEY-----\nPLANTEDmii=\nPLANTED"],
  ["a JAAS config whose line goes on without one", 'sasl.jaas.config=M required\n"PLANTED";'],
  ["a password on a line by itself", "security.protocol=SSL\nplanted.PLANTED"],
])("JS1: %s is refused by its line, and not quoted", async (_, text) => {
  await expect(read(text)).rejects.toThrow(
    /line \d is no setting that is understood; a value goes on only behind a backslash/,
  );
  await expect(read(text)).rejects.not.toThrow("PLANTED");
});
