import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SASLOptions } from "kafkajs";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { ConfigurationError, RangeReadError } from "../../../../shared/core/errors.ts";
import type { KafkaOptions } from "../../../../shared/kafka/connection/kafka-options.ts";
import { createKafkaOffsetSource } from "../../../../shared/kafka/offsets/offset-source.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { type KafkaUser, saslProperties } from "../../../local/servers/kafka-users.ts";
import { createKeyStore } from "../../../local/servers/key-store.ts";
import { jsonLines, runRanges } from "../../../support/cli/run-ranges.ts";
import { collectRange, failRange } from "../../../support/kafka/collect-range.ts";
import { type KafkaProxy, startKafkaProxy } from "../../../support/kafka/kafka-proxy.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { setScramPassword } from "../../../support/kafka/scram-password.ts";

const alice = { name: "alice", password: "wonderland" };
const SESSION_MS = 3_000;
const everyOffset = Array.from({ length: 10 }, (_, index) => BigInt(index));

let folder: string;
let broker: KafkaBroker;
/** In front of the listener whose sessions are short. */
let proxy: KafkaProxy;
let topic: string;
let ca: string;
let strangersCa: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "security-"));
  const [own, strangers] = ["own", "strangers"].map((name) => join(folder, name)) as [string, string];
  const [{ brokerProperties, caFile }, stranger] = await Promise.all([createKeyStore(own), createKeyStore(strangers)]);
  ca = await readFile(caFile, "utf8");
  strangersCa = await readFile(stranger.caFile, "utf8");
  proxy = await startKafkaProxy();
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [
      { name: "TLS", protocol: "SSL" },
      { name: "SASL", protocol: "SASL_PLAINTEXT" },
      { name: "SASLTLS", protocol: "SASL_SSL" },
    ],
    properties: {
      ...brokerProperties,
      ...saslProperties("SASL", alice),
      ...saslProperties("SASLTLS", alice),
      "listener.name.sasl.connections.max.reauth.ms": String(SESSION_MS),
    },
  });
  proxy.forwardTo(broker.addresses["SASL"] ?? "");
  await Promise.all([setPassword("SCRAM-SHA-256", alice), setPassword("SCRAM-SHA-512", alice)]);
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  topic = await topics.create();
  for (const offset of everyOffset) {
    await topics.produce(topic, [{ value: String(offset) }]);
  }
  await topics.close();
});

const setPassword = (mechanism: "SCRAM-SHA-256" | "SCRAM-SHA-512", user: KafkaUser) =>
  setScramPassword(broker.bootstrapServers, { ...user, mechanism });

afterAll(async () => {
  await proxy.close();
  await broker.kill();
  await rm(folder, { recursive: true, force: true });
});

function openReader(listener: string, options: Partial<KafkaOptions>, bootstrapServer = broker.addresses[listener]) {
  const reader = createKafkaRangeReader({
    clientId: "tests",
    bootstrapServers: [bootstrapServer ?? ""],
    fetchMaxBytes: 1,
    progressTimeoutMs: 3_000,
    ...options,
  });
  onTestFinished(() => reader.close());
  return reader;
}

const wholeTopic = () => ({
  range: { topic, partition: 0, fromOffset: 0n, untilOffset: 10n },
  isolationLevel: "read_committed" as const,
});

const mechanisms = ["plain", "scram-sha-256", "scram-sha-512"] as const;
type PasswordMechanism = (typeof mechanisms)[number];

function saslOf(mechanism: PasswordMechanism, password = alice.password): SASLOptions {
  return { mechanism, username: alice.name, password };
}

describe("TLS", () => {
  test("G1: with the authority's certificate a range is read, and offsets are listed", async () => {
    const options = { clientId: "tests", bootstrapServers: [broker.addresses["TLS"] ?? ""], ssl: { ca } };
    const source = createKafkaOffsetSource(options);
    onTestFinished(() => source.close());

    const { partitions } = await source.describe({ topics: [topic] });

    expect(await source.listOffsets(partitions, "latest", "read_committed")).toMatchObject([{ offset: 10n }]);
    expect((await collectRange(openReader("TLS", { ssl: { ca } }), wholeTopic())).offsets).toEqual(everyOffset);
  });

  test.each<[string, () => KafkaOptions["ssl"], RegExp, string]>([
    [
      "nobody vouches for",
      () => true,
      /TLS failed \((DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN)\)/,
      "give its authority's by ssl.truststore.* (ssl.ca, --ssl-ca)",
    ],
    [
      "another authority issued",
      () => ({ ca: strangersCa }),
      /TLS failed \(.*(SELF_SIGNED|UNABLE_TO|CERT)/,
      "give its authority's by ssl.truststore.* (ssl.ca, --ssl-ca)",
    ],
    [
      "names another host",
      () => ({ ca, servername: "elsewhere.example" }),
      /TLS failed \(ERR_TLS_CERT_ALTNAME_INVALID\)/,
      "connect by a name that it bears",
    ],
  ])("a certificate that %s is for somebody to change, and says so at once", async (_, ssl, message, remedy) => {
    const { error } = await failRange(openReader("TLS", { ssl: ssl() ?? false }), wholeTopic());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(error).toMatchObject({ message: expect.stringContaining(remedy) });
  });

  test("plaintext to a TLS listener is for somebody to change, and says so at once", async () => {
    const { error } = await failRange(openReader("TLS", {}), wholeTopic());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining("the listener wants TLS") });
  });

  test("PF3: TLS to a plaintext listener ends in time, and names the doubt", async () => {
    const { error } = await failRange(openReader("PLAINTEXT", { ssl: true }), wholeTopic());

    expect(error).toBeInstanceOf(RangeReadError);
    expect(error).toMatchObject({ message: expect.stringContaining("as a listener without TLS does") });
  });
});

describe.each(["SASL", "SASLTLS"])("SASL on the listener %s", (listener) => {
  const ssl = () => (listener === "SASL" ? {} : { ssl: { ca } });

  test.each(mechanisms)("G1: by %s a range is read", async (mechanism) => {
    const reader = openReader(listener, { ...ssl(), sasl: saslOf(mechanism) });

    expect((await collectRange(reader, wholeTopic())).offsets).toEqual(everyOffset);
  });

  test.each(mechanisms)("by %s a wrong password is for somebody to change, and says so at once", async (mechanism) => {
    const reader = openReader(listener, { ...ssl(), sasl: saslOf(mechanism, "looking-glass") });

    const { error } = await failRange(reader, wholeTopic());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining("the broker refused the credentials") });
    expect(String(error)).not.toContain("looking-glass");
  });

  test("a mechanism that the broker does not have is for somebody to change", async () => {
    const sasl = { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: "token" }) } as const;

    const { error } = await failRange(openReader(listener, { ...ssl(), sasl }), wholeTopic());

    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ message: expect.stringContaining("UNSUPPORTED_SASL_MECHANISM") });
  });
});

test("G1: ranges read enters by a file of Kafka's client properties, TLS and SCRAM included", async () => {
  const file = join(folder, "client.properties");
  const module = "org.apache.kafka.common.security.scram.ScramLoginModule";
  await writeFile(join(folder, "ca.pem"), ca);
  await writeFile(
    file,
    [
      "security.protocol=SASL_SSL",
      "sasl.mechanism=SCRAM-SHA-512",
      `sasl.jaas.config=${module} required username="${alice.name}" password="${alice.password}";`,
      "ssl.truststore.type=PEM",
      `ssl.truststore.location=${join(folder, "ca.pem")}`,
    ].join("\n"),
  );
  const servers = ["--bootstrap-servers", broker.addresses["SASLTLS"] ?? ""];

  const { code, stdout } = await runRanges([
    "read",
    ...servers,
    "--range",
    `${topic}:0:0:10`,
    "--command-config",
    file,
  ]);

  expect(code).toBe(0);
  expect(jsonLines(stdout)).toHaveLength(10);
});

describe("credentials from a source", () => {
  test("that were changed meanwhile are fetched once more, and the read goes on", async () => {
    const asked: boolean[] = [];
    const reader = openReader("SASL", {
      sasl: async ({ wereRefused }) => {
        asked.push(wereRefused);
        return saslOf("scram-sha-512", wereRefused ? alice.password : "yesterday's");
      },
    });

    expect((await collectRange(reader, wholeTopic())).offsets).toEqual(everyOffset);
    expect(asked.slice(0, 2)).toEqual([false, true]);
  });

  test("that stay wrong are refused after the second time", async () => {
    const asked: boolean[] = [];
    const reader = openReader("SASL", {
      sasl: async ({ wereRefused }) => {
        asked.push(wereRefused);
        return saslOf("plain", "looking-glass");
      },
    });

    expect((await failRange(reader, wholeTopic())).error).toBeInstanceOf(ConfigurationError);
    expect(asked).toEqual([false, true]);
  });

  test("BC1: that never comes ends the read in time, and an abort at once", async () => {
    const sasl = () => new Promise<never>(() => undefined);
    const reader = openReader("SASL", { sasl, connectTimeoutMs: 400 });
    const controller = new AbortController();
    const aborted = failRange(reader, { ...wholeTopic(), signal: controller.signal });
    const ended = failRange(reader, wholeTopic());

    await delay(100); // In the middle of the wait.
    const abortedAt = performance.now();
    controller.abort(new Error("time is up"));

    expect((await aborted).error).toBe(controller.signal.reason);
    expect(performance.now() - abortedAt).toBeLessThan(50);
    expect((await ended).error).toMatchObject({ name: "RangeReadError", message: expect.stringContaining("400 ms") });
  });
});

describe("a session that ends in the middle of a read", () => {
  /** Reads the topic over the proxy, and does something after each record. */
  async function readWithPauses(sasl: NonNullable<KafkaOptions["sasl"]>, pause: (offset: bigint) => Promise<unknown>) {
    // Metadata names the broker behind the proxy: the read is told its leader.
    const source = createKafkaOffsetSource({ clientId: "tests", bootstrapServers: [broker.bootstrapServers] });
    onTestFinished(() => source.close());
    const [partition] = (await source.describe({ topics: [topic] })).partitions;
    const [host = "", port] = proxy.address.split(":");
    const leader = { nodeId: 1, host, port: Number(port), leaderEpoch: partition?.leader?.leaderEpoch ?? -1 };
    const reader = openReader("SASL", { sasl }, proxy.address);
    const offsets: bigint[] = [];
    const request = { ...wholeTopic(), topicId: partition?.topicId ?? "", leader };
    for await (const { offset } of reader.readRange(request).records()) {
      offsets.push(offset);
      await pause(offset);
    }
    return offsets;
  }

  test("G1: is renewed on the same connection before the broker ends it", async () => {
    const before = { ...proxy.counts };

    // Ten pauses outlast two sessions.
    const offsets = await readWithPauses(saslOf("scram-sha-256"), () => delay(SESSION_MS / 4));

    expect(offsets).toEqual(everyOffset);
    expect(proxy.counts.connections - before.connections).toBe(1);
    expect(proxy.counts.handshakes - before.handshakes).toBeGreaterThanOrEqual(3);
  });

  test("G1: whose password was changed meanwhile goes on over a new connection with the new one", async () => {
    const changed = { ...alice, password: "jabberwocky" };
    const asked: boolean[] = [];
    onTestFinished(() => setPassword("SCRAM-SHA-256", alice));

    const offsets = await readWithPauses(
      async ({ wereRefused }) => {
        asked.push(wereRefused);
        return saslOf("scram-sha-256", wereRefused ? changed.password : alice.password);
      },
      async (offset) => {
        if (offset === 2n) {
          await setPassword("SCRAM-SHA-256", changed);
          await delay(SESSION_MS);
        }
      },
    );

    expect(offsets).toEqual(everyOffset);
    expect(asked.slice(0, 3)).toEqual([false, false, true]);
  });
});
