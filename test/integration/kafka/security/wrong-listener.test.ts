import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { saslProperties } from "../../../local/servers/kafka-users.ts";
import { createKeyStore, KEY_STORE_PASSWORD } from "../../../local/servers/key-store.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";

const alice = { name: "alice", password: "wonderland" };
const plain = { mechanism: "plain", username: alice.name, password: alice.password } as const;
/** Nothing listens on TCP port 1 of the loopback interface. */
const NOWHERE = "127.0.0.1:1";

let folder: string;
let broker: KafkaBroker;
let topic: string;
let ca: string;
let ownStore: Buffer;
let strangersStore: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "wrong-listener-"));
  const [own, strangers] = ["own", "strangers"].map((name) => join(folder, name)) as [string, string];
  const [store, stranger] = await Promise.all([createKeyStore(own), createKeyStore(strangers)]);
  [ca, ownStore, strangersStore] = await Promise.all([
    readFile(store.caFile, "utf8"),
    readFile(store.storeFile),
    readFile(stranger.storeFile),
  ]);
  const wantsCertificate = (listener: string) => ({
    [`listener.name.${listener}.ssl.client.auth`]: "required",
    [`listener.name.${listener}.ssl.truststore.type`]: "PKCS12",
    [`listener.name.${listener}.ssl.truststore.location`]: store.storeFile,
    [`listener.name.${listener}.ssl.truststore.password`]: KEY_STORE_PASSWORD,
  });
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [
      { name: "TLS", protocol: "SSL" },
      { name: "MUTUAL", protocol: "SSL" },
      { name: "MUTUAL12", protocol: "SSL" },
      { name: "SASL", protocol: "SASL_PLAINTEXT" },
      { name: "SASLTLS", protocol: "SASL_SSL" },
      { name: "ELSEWHERE", protocol: "PLAINTEXT", advertised: NOWHERE },
    ],
    properties: {
      ...store.brokerProperties,
      ...saslProperties("SASL", alice),
      ...saslProperties("SASLTLS", alice),
      ...wantsCertificate("mutual"),
      ...wantsCertificate("mutual12"),
      "listener.name.mutual12.ssl.enabled.protocols": "TLSv1.2",
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

function openSource(bootstrapServer: string, options: Partial<KafkaOptions> = {}) {
  const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [bootstrapServer], ...options });
  onTestFinished(() => source.close());
  return source;
}

const addressOf = (listener: string) =>
  listener === "CONTROLLER" ? broker.controllerAddress : (broker.addresses[listener] ?? "");

async function failDescribe(bootstrapServer: string, options: Partial<KafkaOptions> = {}): Promise<Error> {
  return openSource(bootstrapServer, options)
    .describe({ topics: [topic] })
    .then(
      () => expect.fail("it was let in"),
      (error: Error) => error,
    );
}

type Case = [what: string, listener: string, options: () => Partial<KafkaOptions>, remedy: string];

const tlsOnly = () => ({ ssl: { ca } });
const saslOnly = () => ({ sasl: plain });
const both = () => ({ ssl: { ca }, sasl: plain });

describe("a listener that is certain to refuse says at once what it wants", () => {
  test.each<Case>([
    ["no TLS, and it has TLS", "TLS", () => ({}), "the listener wants TLS: set security.protocol to SSL or SASL_SSL"],
    ["no TLS, and it has TLS and SASL", "SASLTLS", saslOnly, "the listener wants TLS"],
    ["SASL, and it has none", "PLAINTEXT", saslOnly, "ILLEGAL_SASL_STATE (34); the listener wants no SASL"],
    ["SASL over TLS, and it has none", "TLS", both, "ILLEGAL_SASL_STATE (34); the listener wants no SASL"],
    ["no client certificate", "MUTUAL", tlsOnly, "ssl.keystore.certificate.chain and ssl.keystore.key"],
    ["no client certificate, by TLS 1.2", "MUTUAL12", tlsOnly, "ssl.keystore.certificate.chain and ssl.keystore.key"],
    [
      "a stranger's client certificate",
      "MUTUAL",
      () => ({ ssl: { ca, pfx: strangersStore, passphrase: KEY_STORE_PASSWORD } }),
      "the listener does not take the client certificate: check ssl.keystore.*",
    ],
    ["nothing, and it is a controller's", "CONTROLLER", () => ({}), "is a controller's listener"],
    ["SASL, and it is a controller's", "CONTROLLER", saslOnly, "is a controller's listener"],
  ])("to %s", async (_, listener, options, remedy) => {
    const error = await failDescribe(addressOf(listener), options());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain(remedy);
    expect(error.message).toContain(addressOf(listener));
    expect(error.message).not.toContain("ssl.ca");
  });
});

describe("a listener that only closes the connection may have had another reason, and the likely one is told", () => {
  test.each<Case>([
    ["no SASL", "SASL", () => ({}), "wants SASL: set security.protocol to SASL_PLAINTEXT with sasl.mechanism"],
    ["no SASL over TLS", "SASLTLS", tlsOnly, "wants SASL: set security.protocol to SASL_SSL with sasl.mechanism"],
    ["TLS, and it has none", "PLAINTEXT", tlsOnly, "set security.protocol to PLAINTEXT or SASL_PLAINTEXT"],
    ["TLS and SASL, and it has no TLS", "SASL", both, "set security.protocol to SASL_PLAINTEXT, or"],
    ["TLS, and it is a controller's", "CONTROLLER", tlsOnly, "as a listener without TLS does"],
  ])("to %s", async (_, listener, options, remedy) => {
    const error = await failDescribe(addressOf(listener), options());

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error.message).toContain(remedy);
    expect(error.message).toContain(addressOf(listener));
  });
});

test("G1: with its client certificate the listener that wants one lets in", async () => {
  const ssl = { ca, pfx: ownStore, passphrase: KEY_STORE_PASSWORD };

  const { partitions } = await openSource(addressOf("MUTUAL"), { ssl }).describe({ topics: [topic] });

  expect(partitions).toHaveLength(1);
});

test("a client certificate that cannot be read is for somebody to change", async () => {
  const error = await failDescribe(addressOf("MUTUAL"), { ssl: { ca, cert: "no PEM", key: "no PEM" } });

  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain("check ssl.keystore.*");
});

describe("an address that a broker advertises and that leads nowhere", () => {
  const expected = () => [
    `${topic}-0`,
    `broker 1 advertises ${NOWHERE} (told by ${addressOf("ELSEWHERE")})`,
    "ECONNREFUSED",
    "advertised.listeners must be reachable from here",
  ];

  test("is told from the bootstrap server when offsets are listed, with the partition", async () => {
    const source = openSource(addressOf("ELSEWHERE"));
    const { partitions } = await source.describe({ topics: [topic] });

    const [listed] = await source.listOffsets(partitions, "latest", "read_committed");

    const message = listed?.kind === "failed" ? listed.error.message : "";
    for (const part of expected()) {
      expect(message).toContain(part);
    }
  });

  test("is told when a range is read, with the partition", async () => {
    const options = { clientId: "tests", bootstrapServers: [addressOf("ELSEWHERE")], progressTimeoutMs: 500 };
    const reader = createKafkaRangeReader(options);
    onTestFinished(() => reader.close());
    const range = { topic, partition: 0, fromOffset: 0n, untilOffset: 1n };

    const { error } = await failRange(reader, { range, isolationLevel: "read_committed" });

    for (const part of expected()) {
      expect(String(error)).toContain(part);
    }
  });

  test("is told by ranges plan in one line", async () => {
    const { code, stdout, stderr } = await runRanges([
      ...["plan", "--bootstrap-servers", addressOf("ELSEWHERE")],
      ...["--topics", topic],
    ]);

    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr.trim().split("\n")).toHaveLength(1);
    for (const part of expected()) {
      expect(stderr).toContain(part);
    }
  });
});

describe("what is no Kafka", () => {
  async function listen(server: Server): Promise<string> {
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  test("a web server that is spoken TLS to does not speak it", async () => {
    const error = await failDescribe(await listen(createHttpServer()), { ssl: true });

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain("the listener does not speak TLS");
  });

  test.each([
    ["ApiVersions", {}, "to ApiVersions: is it a Kafka listener, and one without TLS?"],
    ["the TLS hello", { ssl: true }, "to the TLS hello: is it a listener with TLS?"],
  ])("one that never answers %s is said to be silent there", async (_, options, silence) => {
    const silent = createServer((socket) => void socket.on("error", () => undefined));

    const error = await failDescribe(await listen(silent), { ...options, connectTimeoutMs: 200 });

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error.message).toContain(`no answer within 200 ms ${silence}`);
  });

  test("a bootstrap server that nobody listens at is not said to be advertised", async () => {
    const { message } = await failDescribe(NOWHERE);

    expect(message).toContain("nothing listens there");
    expect(message).not.toContain("advertise");
  });

  test("a name that stands for several addresses fails with a reason too", async () => {
    const { message } = await failDescribe("localhost:1");

    expect(message).toContain("localhost:1");
    expect(message).toContain("ECONNREFUSED");
  });
});
