import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type CommandContext, readCommandConfig } from "../../../../../functions/cli/options/command-config.ts";
import { ConfigurationError } from "../../../../../shared/core/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "command-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function read(text: string | Buffer, context: Partial<CommandContext> = {}) {
  const path = join(folder, "client.properties");
  writeFileSync(path, text);
  return readCommandConfig(path, { bootstrapServers: ["b-1:9092"], note: () => undefined, ...context });
}

function notesOf(text: string): readonly string[] {
  const notes: string[] = [];
  read(text, { note: (line) => void notes.push(line) });
  return notes;
}

const plain = (options: string) =>
  `security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.jaas.config=a.b.PlainLoginModule required ${options};`;

test("an empty file is plaintext", () => {
  expect(read("")).toEqual({ ssl: false });
});

test("Spark's options, which have kafka. in front", () => {
  const config = read(plain("username=alice password=secret").replace(/^/gm, "kafka."));

  expect(config).toEqual({ ssl: false, sasl: { mechanism: "plain", username: "alice", password: "secret" } });
});

test.each(["ssl", " SSL ", "Ssl\\t"])("security.protocol %j is SSL, as Kafka takes it", (protocol) => {
  expect(read(`security.protocol=${protocol}\nclient.id=me \nclient.rack=zone-b`)).toEqual({
    ssl: {},
    clientId: "me",
    rackId: "zone-b",
  });
});

test.each([
  ["UTF-8", Buffer.from(plain("username=é password=p"))],
  ["ISO 8859-1", Buffer.from(plain("username=é password=p"), "latin1")],
])("a file in %s", (_, content) => {
  expect(read(content)).toMatchObject({ sasl: { username: "é" } });
});

test("what a consumer or a producer is set by is named in one line, and not refused", () => {
  const pasted = `bootstrap.servers=b-1:9092
group.id=g\nacks=all\nsession.timeout.ms=45000\nclient.dns.lookup=use_all_dns_ips
schema.registry.url=https://PLANTED\nbasic.auth.user.info=PLANTED`;

  expect(notesOf(pasted)).toEqual([
    expect.stringMatching(
      /client\.properties: not used.*: acks, basic\.auth\.user\.info, client\.dns\.lookup, group\.id, schema\.registry\.url, session\.timeout\.ms$/,
    ),
  ]);
});

test("what is used is not spoken of", () => {
  expect(notesOf("security.protocol=SSL\nbootstrap.servers= b-1:9092")).toEqual([]);
});

test.each([
  ["auto.offset.reset=latest", "auto.offset.reset is refused, remove it: a range says where it begins"],
  ["kafka.enable.auto.commit=false", "enable.auto.commit is refused, remove it: no consumer group"],
  ["key.deserializer=x", "key.deserializer is refused"],
  ["interceptor.classes=x", "interceptor.classes is refused"],
  [
    "bootstrap.servers=b-2:9092",
    "bootstrap.servers is refused, remove it: it names other brokers than --bootstrap-servers",
  ],
  ["security.protocol=TLS", 'security.protocol "TLS" is not PLAINTEXT'],
  ["fetch.min.bites=1", "fetch.min.bites is not understood; was fetch.min.bytes meant?"],
  ["security_protocol=SSL", "was security.protocol meant?"],
  ["colour.of.logs=red", "colour.of.logs is refused, remove it: it is not understood"],
  ["ssl.cipher.suites=x", "ssl.cipher.suites cannot be kept to here"],
  [
    "sasl.username=alice",
    "sasl.username is librdkafka's, and Kafka's own clients have sasl.jaas.config, with username=\"…\"",
  ],
  [
    "ssl.ca.location=/etc/ca.pem",
    "ssl.ca.location is librdkafka's, and Kafka's own clients have ssl.truststore.location",
  ],
  ["metadata.broker.list=b:9092", "bootstrap.servers, here --bootstrap-servers"],
  ["enable.ssl.certificate.verification=false", "no counterpart, since certificates are always verified"],
  ["sasl.mechanism=PLAIN", "PLAINTEXT, the default of security.protocol, uses no sasl.mechanism"],
  ["security.protocol=SASL_PLAINTEXT\nssl.truststore.type=PEM", "SASL_PLAINTEXT uses no ssl.truststore.type"],
  ["security.protocol=SSL\nsasl.mechanism=PLAIN", "SSL uses no sasl.mechanism"],
  ["kafka.client.id=a\nclient.id=b", "client.id is given twice, once as kafka.client.id"],
])("refuses %j", (text, message) => {
  expect(() => read(text)).toThrow(ConfigurationError);
  expect(() => read(text)).toThrow(message);
});

test("an isolation level is that of the command, or refused", () => {
  expect(read("isolation.level=read_committed", { isolationLevel: "read_committed" })).toEqual({ ssl: false });
  expect(() => read("isolation.level=read_uncommitted", { isolationLevel: "read_committed" })).toThrow(
    "isolation.level is refused, remove it: it is not that of the command, which --isolation-level gives",
  );
});

test("every problem is listed at once, behind the file's name", () => {
  expect(() => read("auto.offset.reset=x\nfoo.bar=1")).toThrow(
    /client\.properties: .*auto\.offset\.reset is refused.*foo\.bar is refused/,
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

test("of an ordinary consumer's file it is said once which lines to remove, and why", () => {
  expect(() => read(consumerProperties)).toThrow(
    "client.properties: remove enable.auto.commit, auto.offset.reset, key.deserializer, value.deserializer: enable.auto.commit is refused: no consumer group is used, and nothing is committed; auto.offset.reset is refused: a range says where it begins, and is never reset; ",
  );
});

test("where a setting cannot just be removed, each of the others says that it can", () => {
  expect(() => read(`${consumerProperties}\nssl.cipher.suites=x`)).toThrow(
    /enable\.auto\.commit is refused, remove it: .*; auto\.offset\.reset is refused, remove it: .*; ssl\.cipher\.suites cannot be kept to here/,
  );
});

test.each([
  ["a key whose lines go on without a backslash", "ssl.keystore.key=-----BEGIN PRIVATE KEY-----\nPLANTEDmii=\nPLANTED"],
  ["a JAAS config whose line goes on without one", 'sasl.jaas.config=M required\n"PLANTED";'],
  ["a password on a line by itself", "security.protocol=SSL\nplanted.PLANTED"],
])("JS1: %s is refused by its line, and not quoted", (_, text) => {
  expect(() => read(text)).toThrow(/line \d is no setting that is understood; a value goes on only behind a backslash/);
  expect(() => read(text)).not.toThrow("PLANTED");
});
