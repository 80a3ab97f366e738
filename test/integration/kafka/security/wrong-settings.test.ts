// Files with one thing wrong in them, on a real Kafka: one line that names the cause and the
// setting as the file spells it, at once, and no secret.

import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { AclOperationTypes } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { KafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { MAX_UNSUITED_TRIES } from "../../../../shared/kafka/limits.ts";
import { runRanges } from "../../../support/cli/run-ranges.ts";
import { type DeployedPipelines, deployPipelines } from "../../../support/deployed/deployed-pipelines.ts";
import { openLocalValues } from "../../../support/deployed/local-values.ts";
import {
  type SecuredBroker,
  type Settings,
  startSecuredBroker,
  storeSettings,
} from "../../../support/deployed/secured-broker.ts";
import {
  openWrongPipeline,
  WRONG_ROWS,
  type WrongPipeline,
  type WrongRow,
} from "../../../support/deployed/wrong-matrix.ts";
import { type WrongTitle, wrongSetting } from "../../../support/deployed/wrong-settings.ts";
import type { InvokedHandler } from "../../../support/functions/invoke-handler.ts";
import { connectKafkaTopics, type KafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { topicAcl } from "../../../support/kafka/topic-acl.ts";
import { recorded } from "../../../support/key-stores/recorded-stores.ts";
import { createLedgerTable, type LedgerTable } from "../../../support/ledger/ledger-table.ts";
import { waitUntil } from "../../../support/wait-until.ts";

const alice = { name: "alice", password: "PLANTED-alice" };
/** Of the user, of the recorded stores, and of the keys in them. */
const SECRETS = /PLANTED|store-secret|key-secret|PRIVATE KEY/;
const MENDED_DEADLINE_MS = 30_000;
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
  readonly what: WrongTitle;
  readonly listener: string;
  readonly settings: () => Promise<Settings>;
  /** @default 2 */
  readonly code?: number;
}

const cases: readonly Case[] = [
  {
    what: "another authority in the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting("stranger")) }),
  },
  {
    what: "a broker's certificate for another host",
    listener: "ELSEWHERE",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.endpoint.identification.algorithm": "https" }),
  },
  {
    what: "a broker's certificate that has expired",
    listener: "EXPIRED",
    settings: async () => ({ ...SSL, ...(await trusting()) }),
  },
  {
    what: "a wrong password of the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.truststore.password": "PLANTED" }),
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
  },
  {
    what: "a wrong type of the truststore",
    listener: "TLS",
    settings: async () => ({ ...SSL, ...(await trusting()), "ssl.truststore.type": "PEM" }),
  },
  {
    what: "no client certificate where one is wanted",
    listener: "MUTUAL",
    settings: async () => ({ ...SSL, ...(await trusting()) }),
  },
  {
    what: "a client certificate that the broker does not know",
    listener: "MUTUAL",
    settings: async () => ({ ...SSL, ...(await trusting()), ...strangersKey() }),
  },
  {
    what: "a wrong password",
    listener: "SASL",
    settings: async () => ({ ...SASL, ...login("PLAIN", "PLANTED-wrong") }),
  },
  {
    what: "a mechanism that nobody has",
    listener: "SASL",
    settings: async () => ({ ...SASL, "sasl.mechanism": "SCRAM-SHA-1" }),
  },
  {
    what: "a mechanism that the listener does not offer",
    listener: "SASL",
    settings: async () => ({ ...SASL, ...login("SCRAM-SHA-512") }),
  },
  {
    what: "no TLS to a listener with TLS",
    listener: "SASLTLS",
    settings: async () => SASL,
  },
  {
    what: "TLS to a listener without TLS",
    listener: "SASL",
    settings: async () => ({ ...SASL, "security.protocol": "SASL_SSL", ...(await trusting()) }),
    // It may have been closed for another reason.
    code: 1,
  },
  {
    what: "no SASL to a listener with SASL",
    listener: "SASL",
    settings: async () => ({ "security.protocol": "PLAINTEXT" }),
    code: 1,
  },
  {
    what: "a user without Describe",
    listener: "SASL",
    settings: async () => SASL,
  },
  {
    what: "a client certificate without Describe",
    listener: "MUTUAL",
    settings: async () => ({ ...SSL, ...(await trusting()), ...(await storeOf("keystore", "keytool, JKS")) }),
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
  test.each(cases.map((one) => [one.what, one] as const))("%s", async (_, { what, listener, settings, code = 2 }) => {
    const failed = await failPlan(listener, await settings(), "kafka.");

    for (const part of wrongSetting(what).says) {
      expect(failed.line).toContain(part);
    }
    expect(failed.code).toBe(code);
    // The API's name for a setting helps nobody who has a file.
    expect(failed.line).not.toContain("ssl.ca");
  });
});

describe("G1, PF6: deployed functions tell it in one line, wait, and go on by themselves once it is mended", () => {
  const endpoint = inject("aws.endpoint");
  const nameOf = (row: WrongRow) => `Wrong${WRONG_ROWS.indexOf(row)}`;
  const opened = new Map<WrongRow, WrongPipeline>();
  let topics: KafkaTopics;
  let table: LedgerTable;
  let deployed: DeployedPipelines;

  beforeAll(async () => {
    [topics, table] = await Promise.all([connectKafkaTopics(broker.bootstrapServers), createLedgerTable(endpoint)]);
    const values = openLocalValues(endpoint);
    for (const row of WRONG_ROWS) {
      const own = await topics.create();
      await topics.produce(own, [{ value: "one" }]);
      opened.set(row, await openWrongPipeline(row, { secured, values, admin: topics.admin, topic: own }));
    }
    const pipelines = Object.fromEntries([...opened].map(([row, { props }]) => [nameOf(row), props]));
    deployed = await deployPipelines({ topic, endpoint, ledgerTable: table.tableName, pipelines });
  }, 300_000);

  afterAll(async () => {
    await Promise.all([...opened.values()].map(({ proxy }) => proxy.close()));
    await Promise.all([deployed, table].map((one) => one?.[Symbol.asyncDispose]()));
    await topics.close();
  });

  const rangeOf = async (row: WrongRow) => {
    const { Items = [] } = await table.client.send(
      new ScanCommand({ TableName: table.tableName, ConsistentRead: true }),
    );
    const range = Items.find(
      ({ pk, status }) => pk?.S?.startsWith(`v1#${nameOf(row)}#`) === true && status?.S !== "ANCHOR",
    );
    return { range: unmarshall(range ?? {}), text: JSON.stringify(range) };
  };

  test.concurrent.each(WRONG_ROWS.map((row) => [row.what, row] as const))("%s", async (what, row) => {
    const wrong = opened.get(row) ?? expect.fail("it was not opened");
    const planned = await deployed.schedule(nameOf(row));
    expect(planned.result).toMatchObject({ batch: { partitions: [{ kind: "planned" }] } });
    await wrong.set("wrong");
    const before = wrong.proxy.counts.connections;

    const [scheduled, processed] = await Promise.all([deployed.schedule(nameOf(row)), deployed.process(nameOf(row))]);
    const { range, text } = await rangeOf(row);

    const { says, isGuess } = wrongSetting(what);
    // Describe is all that planning needs.
    expectTold(errorsOf(scheduled), row.lacks === "READ" ? [] : says);
    expectTold(errorsOf(processed), row.lacks === undefined ? says : wrongSetting("a user without Read").says);
    expect(range).toMatchObject({ status: "FAILED", failedAttempts: 0, outages: 1, nextAttemptAt: expect.any(Number) });
    expect(wrong.proxy.counts.connections - before).toBeLessThanOrEqual(isGuess === true ? 1 + MAX_UNSUITED_TRIES : 2);
    expect([...scheduled.lines, ...processed.lines, text].join("\n")).not.toMatch(SECRETS);

    await wrong.set("right");
    await waitUntil(
      "it is dispatched once more",
      async () => JSON.stringify((await deployed.schedule(nameOf(row))).result).includes('"redispatched"'),
      MENDED_DEADLINE_MS,
    );
    const completed = await deployed.process(nameOf(row));

    expect(completed.thrown).toBeUndefined();
    expect((await rangeOf(row)).range).toMatchObject({ status: "COMPLETED", committedOffset: 1 });
    expect(completed.result).toMatchObject({ kind: "completed", counts: { delivered: "1" } });
  });
});

/** What somebody is told by the function's log: Lambda logs what is thrown. */
function errorsOf({ entries, thrown }: InvokedHandler): readonly string[] {
  const logged = entries.filter(({ level }) => level === "ERROR").map((entry) => JSON.stringify(entry));
  return [...logged.map((line) => line.replaceAll('\\"', '"')), ...(thrown === undefined ? [] : [thrown.message])];
}

function expectTold(lines: readonly string[], says: readonly string[]): void {
  expect(lines).toHaveLength(says.length === 0 ? 0 : 1);
  for (const part of says) {
    expect(lines[0]).toContain(part);
  }
}

test.each(["a wrong password", "a wrong password of the key", "a client certificate that the broker does not know"])(
  "%s is no less secret where --verbose shows the stack and the causes",
  async (what) => {
    const { listener, settings } = cases.find((one) => one.what === what) ?? expect.fail("no such case");
    const file = await fileOf(listener, await settings(), "");

    const { code, stderr } = await runRanges(["--verbose", "plan", "--command-config", file, "--topics", topic]);

    expect(code).toBe(2);
    expect(stderr).toContain("    at ");
    expect(stderr).not.toMatch(SECRETS);
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
