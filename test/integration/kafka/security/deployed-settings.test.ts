// Every way of entering a cluster, by a command and by the functions of a pipeline as its app
// deploys them, on a real Kafka; and no secret of any of them where others can read.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { generateAuthTokenFromCredentialsProvider } from "aws-msk-iam-sasl-signer-js";
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from "vitest";
import { projectPath } from "../../../../cdk/lib/runtime-function.ts";
import { jsonLines, LOCAL_AWS } from "../../../support/cli/run-ranges.ts";
import { runRangesHere } from "../../../support/cli/run-ranges-here.ts";
import {
  type DeployedPipelines,
  deployPipelines,
  type EntryProps,
} from "../../../support/deployed/deployed-pipelines.ts";
import {
  ENTRY_ROWS,
  type EntryRow,
  referring,
  type Surroundings,
  settingsOf,
  titleOf,
} from "../../../support/deployed/entry-matrix.ts";
import { type LocalValues, openLocalValues } from "../../../support/deployed/local-values.ts";
import { type SecuredBroker, type Settings, startSecuredBroker } from "../../../support/deployed/secured-broker.ts";
import { type FunctionEndpoint, serveFunction } from "../../../support/functions/function-endpoint.ts";
import { acceptedTokens } from "../../../support/java/token-validator.ts";
import { connectKafkaTopics } from "../../../support/kafka/kafka-topics.ts";
import { createLedgerTable, type LedgerTable } from "../../../support/ledger/ledger-table.ts";
import { startTokenIssuer, type TokenIssuer } from "../../../support/oidc/token-issuer.ts";

const user = { name: "alice", password: "PLANTED-alice" };
const client = { id: "orders", secret: "PLANTED-client" };
/** Of the recorded stores, and of the keys in them. */
const SECRETS = /PLANTED|store-secret|key-secret|PRIVATE KEY/;

let secured: SecuredBroker;
let issuer: TokenIssuer;
let values: LocalValues;
let table: LedgerTable;
let deployed: DeployedPipelines;
let gate: FunctionEndpoint;

const endpoint = inject("aws.endpoint");
/** Of the secrets that are whole files. */
const wholeNames = new Map<EntryRow, string>();
/** As a pipeline has them, with references, which a command takes as well. */
const referred = new Map<EntryRow, Settings>();
const nameOf = (row: EntryRow) => `Entry${ENTRY_ROWS.indexOf(row)}`;

function surroundings(row: EntryRow): Surroundings {
  return {
    bootstrapServers: secured.broker.addresses[row.listener] ?? secured.broker.bootstrapServers,
    user,
    client,
    tokenUrl: issuer.tokenUrl,
    place: (title, content) => {
      const path = join(secured.folder, title.replaceAll(/[^\w.]+/g, "-"));
      writeFileSync(path, content);
      return path;
    },
  };
}

const CLUSTER = "arn:aws:kafka:us-east-1:123456789012:cluster/orders/0a1b-2";

async function propsOf(row: EntryRow): Promise<EntryProps> {
  const settings = settingsOf(row, surroundings(row));
  if (row.mechanism === "AWS_MSK_IAM") {
    return { kafkaParams: settings, sasl: { mechanism: row.mechanism, clusterArn: CLUSTER } };
  }
  if (row.kept !== "a whole secret") {
    const kafkaParams = await referring(settings, row, values);
    if (row.kept !== "in the project") {
      referred.set(row, kafkaParams);
    }
    return { kafkaParams };
  }
  const name = `whole-${crypto.randomUUID()}`;
  wholeNames.set(row, name);
  await values.putSecret(name, textOf(settings));
  const arn = `arn:aws:secretsmanager:us-east-1:000000000000:secret:${name}`;
  return {
    bootstrapServers: [settings["bootstrap.servers"] ?? ""],
    kafkaParamsSecret: (stack) => Secret.fromSecretPartialArn(stack, name, arn),
  };
}

const textOf = (settings: Settings) =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join("");

beforeAll(async () => {
  for (const [name, value] of Object.entries({ ...LOCAL_AWS, AWS_ENDPOINT_URL: endpoint })) {
    vi.stubEnv(name, value);
  }
  issuer = await startTokenIssuer(client);
  values = openLocalValues(endpoint);
  [secured, table] = await Promise.all([
    startSecuredBroker({ user, issuer, takesSignedTokens: true }),
    createLedgerTable(endpoint),
  ]);
  const pipelines = Object.fromEntries(
    await Promise.all(ENTRY_ROWS.map(async (row) => [nameOf(row), await propsOf(row)] as const)),
  );
  gate = await openGate();
  const Renewing = await renewingProps();
  const options = { topic: secured.topic, endpoint, ledgerTable: table.tableName };
  deployed = await deployPipelines({ ...options, pipelines: { ...pipelines, Renewing } });
}, 300_000);

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([deployed, table, gate].map((one) => one?.[Symbol.asyncDispose]()));
  await Promise.all([secured.stop(), issuer.close()]);
});

test.each(ENTRY_ROWS.map((row) => [titleOf(row), row] as const))("G1: ranges read enters by %s", async (_, row) => {
  const settings = [settingsOf(row, surroundings(row)), ...(referred.has(row) ? [referred.get(row) ?? {}] : [])];

  const reads = await Promise.all(
    settings.map(async (one) => {
      const file = join(secured.folder, `${crypto.randomUUID()}.properties`);
      await writeFile(file, textOf(one));
      return runRangesHere(["read", "--command-config", file, "--range", `${secured.topic}:0:0:1`]);
    }),
  );

  for (const { code, stdout, stderr } of reads) {
    expect({ code, lines: jsonLines(stdout).length, stderr }).toEqual({
      ...{ code: 0, lines: 1 },
      stderr: expect.not.stringMatching(SECRETS),
    });
  }
});

test.each(ENTRY_ROWS.map((row) => [titleOf(row), row] as const))("G1: both functions enter by %s", async (_, row) => {
  const scheduled = await deployed.schedule(nameOf(row));

  expect(scheduled.thrown).toBeUndefined();
  expect(scheduled.result).toMatchObject({ batch: { partitions: [{ kind: "planned" }] } });

  const processed = await deployed.process(nameOf(row));

  expect(processed.thrown).toBeUndefined();
  expect(JSON.stringify(processed.result)).toContain("completed");
  expect([...scheduled.lines, ...processed.lines].join("\n")).not.toMatch(SECRETS);
});

/** Of the tokens while a range is read, in seconds; a token says it in whole ones. */
const SHORT_LIFE_S = 2;
const LONG_LIFE_S = 3_600;
const RECORDS = 4;

/** Code that takes longer for a record than most of a token's life. */
function openGate(): Promise<FunctionEndpoint> {
  return serveFunction(async (offset) => (offset === RECORDS - 1 ? undefined : delay(SHORT_LIFE_S * 800)));
}

async function renewingProps(): Promise<EntryProps> {
  const row = ENTRY_ROWS.find(({ listener }) => listener === "OAUTH") ?? expect.fail("no row has tokens");
  const topics = await connectKafkaTopics(secured.broker.bootstrapServers);
  const topic = await topics.create();
  for (let index = 0; index < RECORDS; index += 1) {
    await topics.produce(topic, [{ value: String(index) }]);
  }
  await topics.close();
  // A record for each fetch.
  const kafkaParams = { ...(await referring(settingsOf(row, surroundings(row)), row, values)), "fetch.max.bytes": "1" };
  const processorEntry = projectPath("test/support/deployed/gated-read.ts");
  return { topics: [topic], kafkaParams, processorEntry, processorEnvironment: { GATE_URL: gate.url } };
}

test("G1: a session that ends with its token in the midst of a range is renewed, and the range is completed", async () => {
  issuer.lifetimeSeconds = SHORT_LIFE_S;
  await deployed.schedule("Renewing");
  const before = issuer.seen.length;

  const processed = await deployed.process("Renewing");
  issuer.lifetimeSeconds = LONG_LIFE_S;

  expect(processed.thrown).toBeUndefined();
  expect(processed.result).toMatchObject({ kind: "completed", counts: { delivered: String(RECORDS) } });
  // One to enter, and one for each fetch behind a record that was waited for: the next is fetched ahead.
  expect(issuer.seen.length - before).toBeGreaterThanOrEqual(RECORDS - 1);
  expect(processed.entries.filter(({ level }) => level === "ERROR" || level === "WARN")).toEqual([]);
});

test("a function's token of MSK's IAM is the one that AWS documents, and that AWS's own signer makes", async () => {
  const row = ENTRY_ROWS.find(({ mechanism }) => mechanism === "AWS_MSK_IAM") ?? expect.fail("no row is of MSK");
  await deployed.schedule(nameOf(row));
  const [token = ""] = (await acceptedTokens(join(secured.folder, "kafka"))).slice(-1);
  const { origin, pathname, searchParams } = new URL(Buffer.from(token, "base64url").toString());
  const date = searchParams.get("X-Amz-Date") ?? "";

  expect({ origin, pathname, query: Object.fromEntries(searchParams) }).toEqual({
    ...{ origin: "https://kafka.us-east-1.amazonaws.com", pathname: "/" },
    query: {
      Action: "kafka-cluster:Connect",
      "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
      "X-Amz-Credential": `local/${date.slice(0, 8)}/us-east-1/kafka-cluster/aws4_request`,
      "X-Amz-Date": expect.stringMatching(/^\d{8}T\d{6}Z$/),
      "X-Amz-Expires": "900",
      "X-Amz-Signature": await awsSignature(date),
      "X-Amz-SignedHeaders": "host",
      "User-Agent": expect.stringContaining("kafka-offset-ranges"),
    },
  });
  expect(token).toMatch(/^[\w-]+$/);
});

/** Of a token by the same key at that moment: `20260301T120000Z`. */
async function awsSignature(date: string): Promise<string | null> {
  vi.useFakeTimers({
    now: Date.parse(date.replace(/^(.{4})(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5")),
    toFake: ["Date"],
  });
  onTestFinished(() => void vi.useRealTimers());
  const awsCredentialsProvider = async () => ({ accessKeyId: "local", secretAccessKey: "local" });
  const { token } = await generateAuthTokenFromCredentialsProvider({ region: "us-east-1", awsCredentialsProvider });
  return new URL(Buffer.from(token, "base64url").toString()).searchParams.get("X-Amz-Signature");
}

test("no secret is in the ledger, or in what a scheduler answers and throws where it is not let in", async () => {
  const row = ENTRY_ROWS.find(({ kept }) => kept === "a whole secret") ?? expect.fail("no row has a whole secret");
  const wholeOf = (password: string) => textOf(settingsOf(row, { ...surroundings(row), user: { ...user, password } }));
  await values.changeSecret(wholeNames.get(row) ?? "", wholeOf("PLANTED-wrong"));

  const scheduled = await deployed.schedule(nameOf(row));

  expect(scheduled.thrown?.name).toBe("ConfigurationError");
  expect(JSON.stringify(scheduled)).not.toMatch(SECRETS);
  const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.tableName, ConsistentRead: true }));
  expect(Items.length).toBeGreaterThanOrEqual(ENTRY_ROWS.length);
  expect(JSON.stringify(Items)).not.toMatch(SECRETS);
});

test("no secret is in the template, in an asset or in a variable", () => {
  const files = readdirSync(deployed.output, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const texts = files
    .filter(({ name }) => !name.endsWith(".map"))
    .map((file) => readFileSync(join(file.parentPath, file.name), "latin1"));

  expect(texts.length).toBeGreaterThan(ENTRY_ROWS.length / 2);
  // What reads keys has those words in its code.
  expect(texts.filter((text) => /PLANTED|store-secret|key-secret/.test(text))).toEqual([]);
});
