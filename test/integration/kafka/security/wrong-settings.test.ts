// Files with one thing wrong in them, on a real Kafka: one line that names the cause and the
// setting as the file spells it, at once, and no secret.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AclOperationTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { KafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import {
  type SecuredBroker,
  type Settings,
  startSecuredBroker,
  storeSettings,
} from "../../../support/deployed/secured-broker.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { topicAcl } from "../../../support/kafka/topic-acl.ts";
import { recorded } from "../../../support/key-stores/recorded-stores.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const alice = { name: "alice", password: "PLANTED-alice" };
/** How long somebody waits for the line. */
const DEADLINE_MS = 10_000;

let secured: SecuredBroker;
let broker: KafkaBroker;
let folder: string;
let topic: string;

const storeOf = (what: "truststore" | "keystore", title: string) => storeSettings(folder, what, title);

beforeAll(async () => {
  secured = await startSecuredBroker({ user: alice, hasAcls: true });
  ({ broker, folder, topic } = secured);
});

afterAll(() => secured.stop());

async function fileOf(listener: string, settings: Settings, prefix: string): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.properties`);
  const all = { "bootstrap.servers": broker.addresses[listener] ?? "", ...settings };
  await writeFile(
    file,
    Object.entries(all)
      .map(([name, value]) => `${prefix}${name}=${value}\n`)
      .join(""),
  );
  return file;
}

/** The one line of a command that fails. */
async function failPlan(listener: string, settings: Settings, prefix = "") {
  const file = await fileOf(listener, settings, prefix);
  const startedAt = performance.now();
  const { code, stdout, stderr } = await runRanges(["plan", "--command-config", file, "--topics", topic]);
  const tookMs = performance.now() - startedAt;
  expect({ stdout, lines: stderr.trim().split("\n").length }).toEqual({ stdout: "", lines: 1 });
  expect(stderr).not.toContain("PLANTED");
  expect(tookMs).toBeLessThan(DEADLINE_MS);
  return { code, line: stderr };
}

const SSL = { "security.protocol": "SSL" };
const login = (mechanism: string, password = alice.password) => ({
  "sasl.mechanism": mechanism,
  "sasl.jaas.config": `org.apache.kafka.common.security.${mechanism === "PLAIN" ? "plain.Plain" : "scram.Scram"}LoginModule required username="${alice.name}" password="${password}";`,
});
const SASL = { "security.protocol": "SASL_PLAINTEXT", ...login("PLAIN") };
const trusting = (name = "root") => storeOf("truststore", `JKS trusting ${name}`);

interface Case {
  readonly what: string;
  readonly listener: string;
  readonly settings: () => Promise<Settings>;
  /** Parts of the line. */
  readonly says: readonly string[];
  /** @default 2 */
  readonly code?: number;
}

const cases: readonly Case[] = [
  {
    what: "another authority in the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting("stranger")) }),
    says: ["nobody trusted vouches for the broker's certificate", "by kafka.ssl.truststore.location"],
  },
  {
    what: "a broker's certificate for another host",
    listener: "ELSEWHERE",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.endpoint.identification.algorithm": "https" }),
    says: ["elsewhere.example", "b-1.elsewhere.example", "an empty kafka.ssl.endpoint.identification.algorithm"],
  },
  {
    what: "a broker's certificate that has expired",
    listener: "EXPIRED",
    settings: async () => ({ ...SSL, ...(await trusting()) }),
    says: ["CERT_HAS_EXPIRED", "the broker's certificate has expired"],
  },
  {
    what: "a wrong password of the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.truststore.password": "PLANTED" }),
    says: ["kafka.ssl.truststore.password is not the password of kafka.ssl.truststore.location"],
  },
  {
    what: "a wrong password of the key",
    listener: "MUTUAL",
    settings: async () => ({
      ...SSL,
      ...(await trusting()),
      ...(await storeOf("keystore", "keytool, JKS")),
      "ssl.key.password": "PLANTED",
    }),
    says: ["kafka.ssl.key.password is not the password of the private key"],
  },
  {
    what: "a wrong type of the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.truststore.type": "PEM" }),
    says: ["is JKS, and kafka.ssl.truststore.type says PEM: set kafka.ssl.truststore.type to JKS"],
  },
  {
    what: "no client certificate where one is wanted",
    listener: "MUTUAL",
    settings: async () => ({ ...SSL, ...(await trusting()) }),
    says: ["the listener wants a client certificate", "ssl.keystore.location"],
  },
  {
    what: "a client certificate that the broker does not know",
    listener: "MUTUAL",
    settings: async () => ({ ...SSL, ...(await trusting()), ...strangersKey() }),
    says: ["the listener does not take the client certificate: check kafka.ssl.keystore.certificate.chain"],
  },
  {
    what: "a wrong password",
    listener: "SASL",
    settings: async () => ({ ...SASL, ...login("PLAIN", "PLANTED-wrong") }),
    says: ["the broker refused the credentials", "check kafka.sasl.jaas.config"],
  },
  {
    what: "a mechanism that nobody has",
    listener: "SASL",
    settings: async () => ({ ...SASL, "sasl.mechanism": "SCRAM-SHA-1" }),
    says: ['kafka.sasl.mechanism "SCRAM-SHA-1" is not PLAIN, SCRAM-SHA-256'],
  },
  {
    what: "a mechanism that the listener does not offer",
    listener: "SASL",
    settings: async () => ({ ...SASL, ...login("SCRAM-SHA-512") }),
    says: ["UNSUPPORTED_SASL_MECHANISM", "the listener does not offer this kafka.sasl.mechanism"],
  },
  {
    what: "no TLS to a listener with TLS",
    listener: "SASLTLS",
    settings: async () => SASL,
    says: ["the listener wants TLS: set kafka.security.protocol to SSL or SASL_SSL"],
  },
  {
    what: "TLS to a listener without TLS",
    listener: "SASL",
    settings: async () => ({ ...SASL, "security.protocol": "SASL_SSL", ...(await trusting()) }),
    says: ["as a listener without TLS does: set kafka.security.protocol to SASL_PLAINTEXT"],
    // It may have been closed for another reason.
    code: 1,
  },
  {
    what: "no SASL to a listener with SASL",
    listener: "SASL",
    settings: async () => ({ "security.protocol": "PLAINTEXT" }),
    says: ["as a listener does that wants SASL: set kafka.security.protocol to SASL_PLAINTEXT"],
    code: 1,
  },
  {
    what: "a user without Describe",
    listener: "SASL",
    settings: async () => SASL,
    says: ["grant Describe on topic", "to User:alice"],
  },
];

/** A key and a certificate that only its own side knows. */
function strangersKey(): Settings {
  const onOneLine = (pem = "") => pem.trim().replaceAll("\n", " ");
  return {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.key": onOneLine(recorded.keys["stranger"]),
    "ssl.keystore.certificate.chain": onOneLine(recorded.certificates["stranger"]),
  };
}

describe("what is wrong is told in one line, with its setting as the file spells it", () => {
  test.each(cases.map((one) => [one.what, one] as const))("%s", async (_, { listener, settings, says, code = 2 }) => {
    const failed = await failPlan(listener, await settings(), "kafka.");

    for (const part of says) {
      expect(failed.line).toContain(part);
    }
    expect(failed.code).toBe(code);
    // The API's name for a setting helps nobody who has a file.
    expect(failed.line).not.toContain("ssl.ca");
  });
});

test.each(["a wrong password", "a wrong password of the key", "a client certificate that the broker does not know"])(
  "%s is no less secret where --verbose shows the stack and the causes",
  async (what) => {
    const { listener, settings } = cases.find((one) => one.what === what) ?? expect.fail("no such case");
    const file = await fileOf(listener, await settings(), "");

    const { code, stderr } = await runRanges(["--verbose", "plan", "--command-config", file, "--topics", topic]);

    expect(code).toBe(2);
    expect(stderr).toContain("    at ");
    expect(stderr).not.toMatch(/PLANTED|store-secret|PRIVATE KEY/);
  },
);

test("a user with Describe alone is told that Read is missing", async () => {
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  await topics.admin.createAcls({ acl: [topicAcl(alice.name, topic, AclOperationTypes.DESCRIBE)] });
  await topics.close();
  const args = ["--command-config", await fileOf("SASL", SASL, ""), "--range", `${topic}:0:0:1`];
  // The ACL reaches the broker by its own log.
  const line = await untilDescribed(() => runRanges(["read", ...args]));

  expect(line).toContain(`grant Read on topic ${topic} to User:alice`);
  expect(line.trim().split("\n")).toHaveLength(1);
  expect(line).not.toContain("PLANTED");
});

async function untilDescribed(read: () => Promise<{ readonly stderr: string }>): Promise<string> {
  let line = "";
  await waitUntil(
    "the topic may be described",
    async () => {
      line = (await read()).stderr;
      return !line.includes("grant Describe");
    },
    DEADLINE_MS,
  );
  return line;
}

test("the same file without its fault is let in", async () => {
  const file = await fileOf(
    "ELSEWHERE",
    { ...SSL, ...(await trusting()), "ssl.endpoint.identification.algorithm": "" },
    "",
  );

  const { code, stderr } = await runRanges(["plan", "--command-config", file, "--topics", topic]);

  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});
