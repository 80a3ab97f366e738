// OAUTHBEARER by client credentials, on a real Kafka that checks signature, issuer and audience
// of each token against the issuer's published keys.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { kafkaAccessOf } from "../../../../functions/cli/options/kafka-access.ts";
import { type KafkaBroker, startKafkaBroker } from "../../../../functions/local/servers/kafka-broker.ts";
import { createKafkaRangeReader } from "../../../../shared/kafka/read/range-reader.ts";
import { jsonLines, runRanges } from "../../../support/cli/run-ranges.ts";
import { failRange } from "../../../support/kafka/collect-range.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import {
  issuerJvmOptions,
  issuerProperties,
  startTokenIssuer,
  type TokenIssuer,
} from "../../../support/oidc/token-issuer.ts";

const client = { id: "reader", secret: "PLANTED-secret" };
const MODULE = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required";
const RECORDS = 8;

let folder: string;
let issuer: TokenIssuer;
let broker: KafkaBroker;
let topic: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oauth-"));
  issuer = await startTokenIssuer(client);
  broker = await startKafkaBroker({
    folder: join(folder, "kafka"),
    listeners: [{ name: "OAUTH", protocol: "SASL_PLAINTEXT" }],
    properties: {
      ...issuerProperties("OAUTH", issuer),
      // Sessions last as long as their tokens.
      "listener.name.oauth.oauthbearer.connections.max.reauth.ms": "3600000",
    },
    jvmOptions: issuerJvmOptions(issuer),
  });
  const topics = await connectKafkaTopics(broker.bootstrapServers);
  topic = await topics.create();
  for (let index = 0; index < RECORDS; index++) {
    await topics.produce(topic, [{ value: String(index) }]);
  }
  await topics.close();
});

afterAll(async () => {
  await broker.kill();
  await issuer.close();
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  Object.assign(issuer, { answer: undefined, claims: {}, lifetimeSeconds: 3_600, isForging: false });
});

async function fileOf(lines: readonly string[]): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.properties`);
  const common = ["security.protocol=SASL_PLAINTEXT", "sasl.mechanism=OAUTHBEARER"];
  await writeFile(
    file,
    [
      `bootstrap.servers=${broker.addresses["OAUTH"]}`,
      `sasl.oauthbearer.token.endpoint.url=${issuer.tokenUrl}`,
      ...[...common, ...lines],
    ].join("\n"),
  );
  return file;
}

const newNames = (secret = client.secret) => [
  `sasl.oauthbearer.client.credentials.client.id=${client.id}`,
  `sasl.oauthbearer.client.credentials.client.secret=${secret}`,
  "sasl.oauthbearer.scope=orders",
];

const HANDLER = "sasl.login.callback.handler.class=org.apache.kafka.common.security.oauthbearer";

test.each([
  ["4.1", () => newNames()],
  [
    "4.0, as options of the login module",
    () => [
      `sasl.jaas.config=${MODULE} clientId="${client.id}" clientSecret="${client.secret}" scope="orders";`,
      `${HANDLER}.OAuthBearerLoginCallbackHandler`,
    ],
  ],
  [
    "3, with its handler",
    () => [
      `sasl.jaas.config=${MODULE} clientId="${client.id}" clientSecret="${client.secret}" scope="orders";`,
      `${HANDLER}.secured.OAuthBearerLoginCallbackHandler`,
    ],
  ],
])("G1: ranges read enters by the names of Kafka %s", async (_, lines) => {
  const before = issuer.seen.length;

  const { code, stdout, stderr } = await runRanges([
    ...["read", "--command-config", await fileOf(lines()), "--range", `${topic}:0:0:${RECORDS}`],
  ]);

  expect({ code, lines: jsonLines(stdout).length }).toEqual({ code: 0, lines: RECORDS });
  expect(stderr).not.toContain(client.secret);
  // One token for the connections of both source and reader.
  expect(issuer.seen.slice(before).map(({ form }) => form)).toEqual([
    { grant_type: "client_credentials", scope: "orders" },
  ]);
});

test.each<[string, () => void, string]>([
  ["that another key signed", () => Object.assign(issuer, { isForging: true }), "the broker refused the credentials"],
  ["for another audience", () => Object.assign(issuer, { claims: { aud: "billing" } }), "invalid_token"],
  ["of another issuer", () => Object.assign(issuer, { claims: { iss: "http://elsewhere" } }), "invalid_token"],
])(
  "a token %s is refused by the broker, asked for once more, and then for somebody to change",
  async (_, make, problem) => {
    make();
    const before = issuer.seen.length;

    const { code, stdout, stderr } = await runRanges([
      ...["plan", "--command-config", await fileOf(newNames()), "--topics", topic],
    ]);

    expect({ code, stdout, lines: stderr.trim().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
    expect(stderr).toContain(problem);
    expect(stderr).not.toMatch(/PLANTED|eyJ/);
    expect(issuer.seen.length - before).toBe(2);
  },
);

test("a wrong secret is told by the names of its settings, as soon as the endpoint refuses it", async () => {
  const { code, stderr } = await runRanges([
    ...["plan", "--command-config", await fileOf(newNames("PLANTED-wrong")), "--topics", topic],
  ]);

  expect(code).toBe(2);
  expect(stderr.trim().split("\n")).toHaveLength(1);
  expect(stderr).toContain(
    "401 invalid_client; check sasl.oauthbearer.client.credentials.client.id and sasl.oauthbearer.client.credentials.client.secret",
  );
  expect(stderr).not.toContain("PLANTED");
});

async function openReader() {
  const commandConfig = await fileOf(newNames());
  const { options } = await kafkaAccessOf({ securityProtocol: "PLAINTEXT", commandConfig }, () => undefined);
  const reader = createKafkaRangeReader({ ...options, fetchMaxBytes: 1, progressTimeoutMs: 5_000 });
  onTestFinished(() => reader.close());
  return reader;
}

const wholeTopic = () => ({
  range: { topic, partition: 0, fromOffset: 0n, untilOffset: BigInt(RECORDS) },
  isolationLevel: "read_committed" as const,
});

test("G1: a session that ends with its token in the middle of a read is renewed with another one", async () => {
  issuer.lifetimeSeconds = 4;
  const before = issuer.seen.length;
  const offsets: bigint[] = [];

  for await (const { offset } of (await openReader()).readRange(wholeTopic()).records()) {
    offsets.push(offset);
    // Eight pauses outlast two tokens.
    await delay(1_200);
  }

  expect(offsets).toEqual(Array.from({ length: RECORDS }, (_, index) => BigInt(index)));
  expect(issuer.seen.length - before).toBeGreaterThanOrEqual(3);
});

test("an endpoint that is down is of the surroundings, and may be tried again", async () => {
  issuer.answer = { status: 503, body: "" };

  const { error } = await failRange(await openReader(), wholeTopic());

  expect(error).toMatchObject({ name: "RangeReadError", message: expect.stringContaining("it answered 503") });
});
